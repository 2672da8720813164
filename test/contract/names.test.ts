// Names on the bus.
import { describe, expect, it } from 'vitest';
import { splitStep } from '../../src/contract/names.js';
import { releaseEngine } from '../../src/contract/release-engine.js';

describe('topology', () => {
  it('is one durable topic exchange, one durable queue, one binding under the same name', () => {
    expect(releaseEngine.topology('sleep')).toEqual({
      exchanges: [{ name: 're', type: 'topic', durable: true }],
      queues: [{ name: 'worker.sleep', durable: true }],
      bindings: [{ exchange: 're', queue: 'worker.sleep', routingKey: 'worker.sleep' }],
    });
  });
});

describe('splitStep', () => {
  it('splits at the first colon', () => {
    expect(splitStep('sleep:Seconds')).toEqual({ command: 'sleep', subcommand: 'Seconds' });
    expect(splitStep('noop::X')).toEqual({ command: 'noop', subcommand: ':X' });
    expect(splitStep('noop')).toEqual({ command: 'noop', subcommand: '' });
  });
});
