// The job message both ways: what is read into a job and an address, what an engine sends.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NeedfulError } from '../../src/contract/errors.js';
import { jobSchema } from '../../src/contract/job.js';
import type { Properties } from '../../src/contract/message.js';
import type { Job } from '../../src/contract/message-format.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { address, arrived, bodyOf, goodJob, jobWith, json, limits, received } from './received.js';

const nobody = { replyTo: null, correlationId: null };

function jobOf(body: unknown, properties?: Properties): Job {
  const { job } = releaseEngine.decodeJob(received(body, properties), limits);
  if (!job.ok) throw new Error(job.problem.message);
  return job.value;
}

const addressOf = (body: unknown, properties: Properties) =>
  releaseEngine.decodeJob(received(body, properties), limits).address;

describe('decodeJob', () => {
  it('reads the engine’s job', () => {
    expect(jobOf(goodJob)).toEqual({
      group: 'g',
      command: 'sleep',
      subcommand: 'Seconds',
      hosts: ['h'],
      parameters: goodJob.parameters,
      dynamic: {},
      notify: {},
      body: goodJob,
    });
  });

  it('gives null, empty objects and no hosts for what is missing', () => {
    const bare = { group: null, command: null, subcommand: null, hosts: [], dynamic: {}, notify: {} };
    expect(jobOf({ parameters: {} })).toMatchObject(bare);
    expect(jobOf({ parameters: { command: null, hosts: null }, dynamic: null })).toMatchObject(bare);
  });

  it('keeps an empty subcommand apart from a missing one, and a second colon in it', () => {
    expect(jobOf(jobWith({}, { subcommand: '' })).subcommand).toBe('');
    expect(jobOf(jobWith({}, { subcommand: ':X' })).subcommand).toBe(':X');
  });

  it('takes the notify of the top level, and that of the parameters only where it says nothing', () => {
    const [top, copy] = [{ failed: { irc: ['#a'] } }, { failed: { irc: ['#b'] } }];
    expect(jobOf(jobWith({ notify: top }, { notify: copy })).notify).toEqual(top);
    for (const nothing of [undefined, null, {}]) {
      expect(jobOf(jobWith({ notify: nothing }, { notify: copy })).notify).toEqual(copy);
    }
    expect(jobOf(jobWith({ notify: top }, { notify: 'mine' })).parameters.notify).toBe('mine');
  });

  it('answers to the properties, else to the members of the body', () => {
    const body = { reply_to: 'r2', correlation_id: 'c2' };
    expect(addressOf(body, { replyTo: 'r1', correlationId: 'c1' })).toEqual({
      replyTo: 'r1',
      correlationId: 'c1',
    });
    expect(addressOf(body, {})).toEqual({ replyTo: 'r2', correlationId: 'c2' });
    expect(addressOf(body, { replyTo: '' })).toEqual({ replyTo: 'r2', correlationId: 'c2' });
    expect(addressOf({}, {})).toEqual(nobody);
  });

  it('answers to nothing in the body that no queue can be called', () => {
    for (const name of ['', 1, null, [], {}, 'x'.repeat(256), 'ü'.repeat(128)]) {
      expect(addressOf({ reply_to: name, correlation_id: name }, {})).toEqual(nobody);
    }
    expect(addressOf('{"correlation_id":"a\\ud800"}', {}).correlationId).toBe('a\ufffd');
  });

  it('answers to no property that was no UTF-8 and does not fit into one any more', () => {
    const wrong = (count: number) => '\ufffd'.repeat(count);
    expect(addressOf({}, { replyTo: wrong(85), correlationId: wrong(85) })).toEqual({
      replyTo: wrong(85),
      correlationId: wrong(85),
    });
    expect(addressOf({}, { replyTo: wrong(86), correlationId: `x${wrong(85)}` })).toEqual(nobody);
    expect(addressOf({ correlation_id: 'c' }, { correlationId: wrong(86) }).correlationId).toBe('c');
  });

  it('gives the verdict of jobSchema', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(null, {}, [], '', 'x', { a: {} }, { a: { b: ['c'] } }),
    );
    const hosts = fc.oneof(odd, fc.array(fc.string()));
    const names = fc.oneof(odd, fc.string());
    const parameters = fc.record(
      { command: names, subcommand: names, hosts, notify: odd },
      { requiredKeys: [] },
    );
    const body = fc.record(
      {
        group: names,
        parameters: fc.oneof({ weight: 9, arbitrary: parameters }, odd),
        dynamic: odd,
        notify: odd,
        x: odd,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: body }, odd), (value) => {
        const text = JSON.stringify(value);
        const { job } = releaseEngine.decodeJob(received(new TextEncoder().encode(text)), limits);
        expect(job.ok).toBe(jobSchema.safeParse(JSON.parse(text)).success);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        for (const decode of [releaseEngine.decodeReply, releaseEngine.decodeOutput]) decode(received(body));
        expect(releaseEngine.decodeJob(received(body), limits).address).toEqual(address);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('encodeJob', () => {
  it('splits the step at the first colon', () => {
    const parametersOf = (step: string) => bodyOf(releaseEngine.encodeJob({ step }, address));
    expect(parametersOf('noop::X')).toMatchObject({ parameters: { command: 'noop', subcommand: ':X' } });
    expect(parametersOf('noop')).toMatchObject({ parameters: { command: 'noop', subcommand: '' } });
  });

  it('sends no hosts where none were given, and lets the engine’s keywords win', () => {
    const parameters = { command: 'x', subcommand: 'y', hosts: ['z'], a: 1 };
    const without = releaseEngine.encodeJob({ step: 'a:B' }, address);
    expect(bodyOf(without)).toEqual({
      parameters: { command: 'a', subcommand: 'B' },
      dynamic: {},
      notify: {},
    });
    const job = releaseEngine.encodeJob({ step: 'a:B', parameters, hosts: ['h'] }, address);
    expect(bodyOf(job)).toMatchObject({ parameters: { command: 'a', subcommand: 'B', hosts: ['h'], a: 1 } });
    expect(job).toMatchObject({ exchange: 're', routingKey: 'worker.a', mandatory: true });
  });

  it('is read back as it was meant', () => {
    const object = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      json,
    );
    const text = fc.string();
    fc.assert(
      fc.property(
        text,
        text,
        text,
        object,
        fc.array(text),
        object,
        (command, subcommand, group, parameters, hosts, dynamic) => {
          fc.pre(!command.includes(':'));
          const request = {
            step: `${command}:${subcommand}`,
            group,
            parameters: { ...parameters, notify: {} },
            hosts,
            dynamic,
          };
          const { job, address: whom } = releaseEngine.decodeJob(
            arrived(releaseEngine.encodeJob(request, address)),
            limits,
          );
          expect(whom).toEqual(address);
          expect(job).toMatchObject({ ok: true, value: { command, subcommand, group, hosts } });
          if (job.ok) expect(JSON.stringify(job.value.dynamic)).toBe(JSON.stringify(dynamic));
        },
      ),
    );
  });

  it('refuses parameters that cannot be JSON', () => {
    expect(() => releaseEngine.encodeJob({ step: 'a:B', parameters: { n: 1n } }, address)).toThrow(
      NeedfulError,
    );
  });
});
