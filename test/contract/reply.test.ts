// Replies both ways.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { replySchema } from '../../src/contract/reply.js';
import { address, arrived, bodyOf, json, received } from './received.js';

const sender = { address, appId: 'noopworker' };

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

  it('is mandatory, whatever its address', () => {
    for (const replyTo of ['amq.gen-x', 'amq.rabbitmq.reply-to.g1h2']) {
      const address = { replyTo, correlationId: null };
      const of = { appId: 'a', messageId: 'm', address };
      expect(releaseEngine.encodeReply({ status: 'started' }, of).mandatory).toBe(true);
    }
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
