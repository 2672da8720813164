// The Release Engine's format, both ways: what is read into a job, a reply, a line; what goes out for them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NeedfulError } from '../../src/contract/errors.js';
import { jobSchema } from '../../src/contract/job.js';
import { toJson } from '../../src/contract/json-body.js';
import type { Properties } from '../../src/contract/message.js';
import type { Job } from '../../src/contract/message-format.js';
import { notificationSchema, outputSchema } from '../../src/contract/output.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { replySchema } from '../../src/contract/reply.js';
import { address, arrived, bodyOf, goodJob, jobWith, limits, received } from './received.js';

const sender = { address, appId: 'noopworker' };
const nobody = { replyTo: null, correlationId: null };

function jobOf(body: unknown, properties?: Properties): Job {
  const { job } = releaseEngine.decodeJob(received(body, properties), limits);
  if (!job.ok) throw new Error(job.problem.message);
  return job.value;
}

const addressOf = (body: unknown, properties: Properties) =>
  releaseEngine.decodeJob(received(body, properties), limits).address;

// The one key that is read but never kept.
const json = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

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

describe('encodeReply', () => {
  const reply = (data?: unknown) =>
    releaseEngine.encodeReply({ status: 'completed', data }, { ...sender, messageId: 'm1' });

  it('goes over the default exchange, mandatory, with whom it is from and for what', () => {
    expect(reply()).toMatchObject({
      exchange: '',
      routingKey: 'amq.gen-reply',
      mandatory: true,
      properties: {
        appId: 'noopworker',
        correlationId: address.correlationId,
        replyTo: 'log',
        messageId: 'm1',
        contentType: 'application/json',
      },
    });
  });

  it('has no data key for undefined, and one for null', () => {
    expect(bodyOf(reply())).toEqual({ status: 'completed' });
    expect(bodyOf(reply(null))).toEqual({ status: 'completed', data: null });
    expect(bodyOf(reply(-0))).toEqual({ status: 'completed', data: 0 });
    expect(bodyOf(reply('\ud800'))).toEqual({ status: 'completed', data: '\ud800' });
  });

  it('has no correlation id for a job without one', () => {
    const message = releaseEngine.encodeReply(
      { status: 'failed' },
      { appId: 'a', messageId: 'm', address: { replyTo: 'r', correlationId: null } },
    );
    expect(message.properties).not.toHaveProperty('correlationId');
  });

  it('is not mandatory over direct reply-to, where a return lies', () => {
    const direct = { replyTo: 'amq.rabbitmq.reply-to.g1h2', correlationId: null };
    const message = releaseEngine.encodeReply(
      { status: 'started' },
      { appId: 'a', messageId: 'm', address: direct },
    );
    expect(message.mandatory).toBe(false);
  });

  it('is read back by decodeReply, and told by replySchema', () => {
    const status = fc.constantFrom('started', 'completed', 'failed');
    const data = fc.option(json, { nil: undefined });
    fc.assert(
      fc.property(status, data, (status, data) => {
        const message = releaseEngine.encodeReply({ status, data }, { ...sender, messageId: 'm' });
        const read = releaseEngine.decodeReply(arrived(message));
        expect(replySchema.safeParse(bodyOf(message)).success).toBe(true);
        expect(JSON.stringify(read)).toBe(JSON.stringify({ ok: true, value: { status, data } }));
      }),
    );
  });
});

describe('decodeReply', () => {
  it('ignores what it does not know', () => {
    const read = releaseEngine.decodeReply(received({ status: 'failed', message: 'because', at: 1 }));
    expect(read).toEqual({ ok: true, value: { status: 'failed' } });
  });

  it('refuses what is no reply, as replySchema does', () => {
    for (const body of [{}, { status: 'Started' }, { status: null }, { status: 1 }, { data: 1 }]) {
      expect(releaseEngine.decodeReply(received(body))).toMatchObject({
        problem: { code: 'REPLY_MALFORMED' },
      });
      expect(replySchema.safeParse(body).success).toBe(false);
    }
    for (const body of ['', 'null', '[]']) expect(releaseEngine.decodeReply(received(body)).ok).toBe(false);
  });
});

describe('encodeOutput', () => {
  const line = (message: unknown) => releaseEngine.encodeOutput(message, sender);

  it('sends the message and nothing else to the output key', () => {
    expect(line('a\n\n')).toMatchObject({ ...releaseEngine.output, mandatory: false });
    expect(bodyOf(line('a\n\n'))).toEqual({ message: 'a\n\n' });
    expect(bodyOf(line({ a: [1] }))).toEqual({ message: { a: [1] } });
  });

  it('never throws', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect([loop, 1n, undefined, () => 1].map((value) => bodyOf(line(value)))).toEqual([
      { message: '(an array that cannot be JSON)' },
      { message: '(a bigint that cannot be JSON)' },
      { message: '(nothing that cannot be JSON)' },
      { message: '(a function that cannot be JSON)' },
    ]);
  });

  it('is read back by decodeOutput, which refuses a body without a message, as outputSchema does', () => {
    expect(releaseEngine.decodeOutput(arrived(line('x')))).toEqual({ ok: true, value: 'x' });
    expect(outputSchema.safeParse({ message: 'x' }).success).toBe(true);
    expect(releaseEngine.decodeOutput(received({}))).toMatchObject({
      problem: { code: 'OUTPUT_MALFORMED' },
    });
    expect(outputSchema.safeParse({}).success).toBe(false);
  });
});

describe('encodeNotification', () => {
  const told = (slug: string, target: unknown = ['#x']) =>
    releaseEngine.encodeNotification(
      { phase: 'failed', transport: 'irc', slug, message: 'm', target },
      { ...sender, exchange: 're' },
    );

  it('goes to the transport’s key on the exchange it is given', () => {
    expect(told('s')).toMatchObject({ exchange: 're', routingKey: 'notify.irc', mandatory: false });
    expect(bodyOf(told('s'))).toEqual({ slug: 's', message: 'm', phase: 'failed', target: ['#x'] });
    expect(notificationSchema.safeParse(bodyOf(told('s'))).success).toBe(true);
  });

  it('passes a target on as it is', () => {
    for (const target of ['#x', null, [], 1]) expect(bodyOf(told('s', target))).toMatchObject({ target });
  });

  it('cuts the slug to 80 characters, none of them in half', () => {
    expect(bodyOf(told('a'.repeat(81)))).toMatchObject({ slug: 'a'.repeat(80) });
    expect(bodyOf(told('😀'.repeat(100)))).toMatchObject({ slug: '😀'.repeat(80) });
    expect(bodyOf(told(`a${'😀'.repeat(60)}`))).toMatchObject({ slug: `a${'😀'.repeat(60)}` });
  });
});

describe('toJson', () => {
  it('gives text for what JSON can say', () => {
    const values = [null, true, 'x\ud800', 0.2, [], { a: [{ b: null }] }];
    for (const value of values) expect(toJson(value)).toEqual({ ok: true, value: JSON.stringify(value) });
    expect(toJson({ a: undefined, at: new Date(0) })).toEqual({
      ok: true,
      value: '{"at":"1970-01-01T00:00:00.000Z"}',
    });
  });

  it('says what JSON cannot say, and where, without its value', () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    let deep: unknown[] = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /got nothing/],
      [() => 1, /got a function/],
      [Symbol('s'), /got a symbol/],
      [1n, /got a bigint/],
      [Number.NaN, /got a number that is not finite/],
      [{ a: [{ 'b\n': Number.POSITIVE_INFINITY }] }, /not finite under the key "b\\n"$/],
      [{ a: () => 1 }, /a function under the key "a"$/],
      [loop, /a cycle/],
      [deep, /nested too deep/],
      [{ toJSON: () => undefined }, /got nothing/],
      [
        {
          toJSON: () => {
            throw new Error('s3cr3t');
          },
        },
        /toJSON that throws$/,
      ],
    ];
    for (const [value, message] of cases) {
      expect(toJson(value)).toMatchObject({
        ok: false,
        problem: { code: 'RESULT_INVALID', message: expect.stringMatching(message) },
      });
    }
  });
});

describe('topology', () => {
  it('is one durable topic exchange, one durable queue, one binding under the same name', () => {
    expect(releaseEngine.topology('sleep')).toEqual({
      exchanges: [{ name: 're', type: 'topic', durable: true }],
      queues: [{ name: 'worker.sleep', durable: true }],
      bindings: [{ exchange: 're', queue: 'worker.sleep', routingKey: 'worker.sleep' }],
    });
  });
});
