// What the format encodes is what the original engine and its workers sent, recorded in test/golden-messages.json.
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/contract/message.js';
import type { JobRequest, Reply } from '../../src/contract/message-format.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { comparable, fromRepr, golden, recordedForm } from './golden.js';
import { arrived, limits } from './received.js';

function addressIn(kind: string) {
  const { correlation_id: correlationId, reply_to: replyTo } = golden(kind).properties;
  return { correlationId: String(correlationId), replyTo: String(replyTo) };
}

/** Whom the worker of a recorded message spoke for. */
function senderIn(kind: string) {
  const { properties, routing_key } = golden(kind);
  const address = { correlationId: String(properties.correlation_id), replyTo: routing_key };
  return { address, appId: String(properties.app_id), messageId: 'm1' };
}

function holds(kind: string, message: Message): void {
  const known = kind.startsWith('notification') ? (['notification exchange'] as const) : [];
  expect(comparable(recordedForm(message))).toEqual(comparable(golden(kind), { known }));
}

const everyPhase = {
  started: { irc: ['#team', 'PHB'] },
  failed: { irc: ['#team'] },
  completed: { irc: ['#team'], email: ['x@example.com'] },
};
const dynamic = { environment: 'qa', cart: 'bitmath' };

const jobs: Readonly<Record<string, JobRequest>> = {
  'job (simple step)': { step: 'noop:First', hosts: ['a.example.com'] },
  'job (argument step)': { step: 'sleep:Seconds', parameters: { minutes: 1 }, hosts: ['a.example.com'] },
  'job (argument step with notify)': {
    step: 'noop:Argument',
    parameters: { colour: 'blue', n: 3 },
    hosts: ['a.example.com'],
    notify: everyPhase,
    dynamic,
  },
  'job (dynamic step)': {
    step: 'noop:Dynamic',
    parameters: { dynamic: ['cart', 'environment'] },
    hosts: ['c.example.com'],
    dynamic,
  },
  'job (pre-deploy check)': { step: 'sleep:Seconds', parameters: { seconds: 1 } },
  'job (post-deploy action)': { step: 'noop:Fail', parameters: { x: 1 } },
};

const replies: Readonly<Record<string, Reply>> = {
  'reply started': { status: 'started' },
  'reply completed': { status: 'completed' },
  'reply completed with data (number)': { status: 'completed', data: 0.2 },
  'reply completed with data (string)': { status: 'completed', data: 'Get to URL returned 200 as expected.' },
  'reply failed': { status: 'failed' },
};

describe('golden messages', () => {
  it.each(Object.entries(jobs))('%s is what the engine sends', (kind, request) => {
    const message = releaseEngine.encodeJob({ group: 'inception', ...request }, addressIn(kind));
    holds(kind, message);
    // To the letter: an engine sets no other property.
    expect(recordedForm(message).properties).toEqual(golden(kind).properties);
  });

  it.each(Object.keys(jobs))('%s is read back as a job', (kind) => {
    const { exchange, routing_key: routingKey, body } = golden(kind);
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    const properties = addressIn(kind);
    const read = releaseEngine.decodeJob(
      arrived({ exchange, routingKey, body: bytes, properties, mandatory: false }),
      limits,
    );
    expect(read).toMatchObject({
      address: properties,
      job: { ok: true, value: { group: 'inception', body } },
    });
  });

  it.each(Object.entries(replies))('%s is what the worker sends', (kind, reply) => {
    holds(kind, releaseEngine.encodeReply(reply, senderIn(kind)));
  });

  it.each([
    ['output (start of job)', 'Starting NoopWorker.6b04c4a6686c8252be6b81ea - 2026-01-02 03:04:05.678'],
    ['output (from the worker)', 'Starting now'],
    ['output (end of job)', 'Finished NoopWorker.6b04c4a6686c8252be6b81ea - 2026-01-02 03:04:05.678\n\n'],
  ])('%s is what the worker sends', (kind, line) => {
    holds(kind, releaseEngine.encodeOutput(line, senderIn(kind)));
  });

  it.each(['started', 'completed', 'failed'])(
    'notification of a worker (%s) is what the worker sends',
    (phase) => {
      const kind = `notification of a worker (${phase})`;
      const { message: recorded, slug, target } = golden(kind).body as Record<string, string>;
      const start = recorded?.indexOf('{') ?? -1;
      // Where the original shows the job as Python writes it, Needful shows it as JSON.
      const json = start < 0 ? '' : JSON.stringify(JSON.parse(fromRepr(recorded?.slice(start) ?? '')));
      const message = start < 0 ? recorded : recorded?.slice(0, start) + json;
      const notification = { phase, transport: 'irc', slug: String(slug), message: String(message), target };
      holds(kind, releaseEngine.encodeNotification(notification, { ...senderIn(kind), exchange: 're' }));
    },
  );
});

describe('the comparison', () => {
  const kind = 'output (end of job)';
  const sender = senderIn(kind);
  const line = 'Finished NoopWorker.6b04c4a6686c8252be6b81ea - 2026-01-02 03:04:05.678\n\n';
  const spoiled = (change: Partial<Message>) =>
    comparable(recordedForm({ ...releaseEngine.encodeOutput(line, sender), ...change }));

  it('sees a wrong exchange, key, property, body', () => {
    const expected = comparable(golden(kind));
    expect(spoiled({})).toEqual(expected);
    expect(spoiled({ exchange: '' })).not.toEqual(expected);
    expect(spoiled({ routingKey: 'outputs' })).not.toEqual(expected);
    expect(spoiled({ properties: { replyTo: 'log', appId: 'noopworker' } })).not.toEqual(expected);
    expect(spoiled({ body: new TextEncoder().encode('{"message":"Finished"}') })).not.toEqual(expected);
    const { properties } = releaseEngine.encodeOutput(line, sender);
    expect(spoiled({ properties: { ...properties, persistent: true } })).not.toEqual(expected);
  });

  it('takes ids of another run by name', () => {
    const names = { '6b04c4a6686c8252be6b81ea': '<release>' };
    const other = { ...sender, address: { replyTo: 'r', correlationId: 'other' } };
    const message = releaseEngine.encodeOutput(line.replace('6b04c4a6686c8252be6b81ea', 'other'), other);
    expect(comparable(recordedForm(message), { names: { other: '<release>' } })).toEqual(
      comparable(golden(kind), { names }),
    );
  });

  it('reads Python’s repr', () => {
    const repr = `{u'a': [None, True, 1.0], 'b': u"it's", u'c': u'\\u20ac\\xe9\\n\\'', 'd': False}`;
    expect(JSON.parse(fromRepr(repr))).toEqual({ a: [null, true, 1], b: "it's", c: "€é\n'", d: false });
  });
});
