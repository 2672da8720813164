// The engine's side of a test with real processes: sends jobs over a connection of its own and says how they were answered.
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { createClient } from '../../src/client/create-client.js';
import type { Running } from './needful.js';

export interface Asked {
  /** Statuses so far, in order. */
  readonly statuses: readonly string[];
  /** The final reply; a job that nobody answered rejects when the engine closes. */
  readonly final: Promise<{ readonly status: string; readonly data?: unknown }>;
}

export interface TestEngine {
  ask(step: string): Asked;
  close(): Promise<void>;
}

export async function openEngine(url: string): Promise<TestEngine> {
  const client = createClient({ transport: createAmqpTransport({ url, name: 'engine' }) });
  await client.open();
  return {
    ask(step) {
      const statuses: string[] = [];
      const run = client.send({
        step,
        onEvent: (event) => event.type === 'reply' && statuses.push(event.status),
      });
      const final = Promise.resolve(run.result);
      final.catch(() => {});
      return { statuses, final };
    },
    close: () => client.close(),
  };
}

/** The last object of this `type` that a command with --json printed; undefined: none. */
export function said(running: Running, type: string): Record<string, unknown> | undefined {
  const line = running
    .stdout()
    .split('\n')
    .findLast((text) => text.startsWith(`{"type":"${type}"`));
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
}
