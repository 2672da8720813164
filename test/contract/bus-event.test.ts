// What an onlooker reads from messages and from a tap.
import { describe, expect, it } from 'vitest';
import { readMessage, readTap, type TapEvent } from '../../src/contract/bus-event.js';
import type { Message } from '../../src/contract/message.js';
import { createProtocol } from '../../src/contract/protocol.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { address } from './received.js';

const sender = { address, appId: 'noopworker', messageId: 'm1', exchange: 're' };
const job = releaseEngine.encodeJob({ step: 'noop:X' }, address);
const started = releaseEngine.encodeReply({ status: 'started' }, sender);
const line = releaseEngine.encodeOutput('x', sender);
const note = releaseEngine.encodeNotification(
  { phase: 'failed', transport: 'irc', slug: 's', message: 'm', target: [] },
  sender,
);

const published = (message: Message, queues: readonly string[] = ['q']): TapEvent => ({
  type: 'published',
  message,
  queues,
});
const given = (message: Message, queue: string): TapEvent => ({
  type: 'delivered',
  message,
  queue,
  connection: 'c',
  delivery: 1,
});

describe('readMessage', () => {
  it('tells jobs, replies, output lines and notifications apart', () => {
    const { correlationId } = address;
    const appId = 'noopworker';
    expect(readMessage(job)).toEqual({ type: 'job', address });
    expect(readMessage(line)).toEqual({ type: 'output', correlationId, appId });
    expect(readMessage(note)).toEqual({ type: 'notification', correlationId, appId });
    const reply = { type: 'reply', address, appId, messageId: 'm1', status: 'started', returned: false };
    expect(readMessage(started)).toEqual(reply);
  });

  it('finds whom to answer in the body where the properties do not say', () => {
    const body = new TextEncoder().encode('{"reply_to":"r","correlation_id":"c"}');
    const seen = readMessage({ ...job, body, properties: {} });
    expect(seen).toEqual({ type: 'job', address: { replyTo: 'r', correlationId: 'c' } });
  });

  it('says of a reply that it is none, and leaves alone what is not the Release Engine’s', () => {
    const body = new TextEncoder().encode('{"status":"done"}');
    expect(readMessage({ ...started, body })).toMatchObject({ type: 'reply', status: null });
    expect(readMessage({ ...line, routingKey: 'job.create' })).toBeNull();
    expect(readMessage({ ...started, body, properties: {} })).toBeNull();
  });
});

describe('readTap', () => {
  it('counts a job when a worker is given it, not when it is sent or copied to an onlooker', () => {
    expect(readTap(published(job))).toBeNull();
    expect(readTap(given(job, 'onlooker'))).toBeNull();
    expect(readTap(given(job, 'worker.noop'))).toMatchObject({
      type: 'delivered',
      delivery: 1,
      valid: true,
      address,
    });
    expect(readTap(given(started, 'amq.gen-reply'))).toBeNull();
  });

  it('knows an invalid job, and a reply that no queue took', () => {
    const invalid = { ...job, body: new Uint8Array() };
    expect(readTap(given(invalid, 'worker.noop'))).toMatchObject({ valid: false, address });
    expect(readTap(published(started, []))).toMatchObject({ type: 'reply', returned: true });
    expect(readTap(published({ ...started, mandatory: false }, []))).toMatchObject({ returned: false });
  });

  it('feeds the judge', () => {
    const protocol = createProtocol();
    const settled = {
      type: 'settled',
      how: 'acknowledge',
      connection: 'c',
      queue: 'worker.noop',
      delivery: 1,
    } as const;
    const completed = releaseEngine.encodeReply({ status: 'completed' }, { ...sender, messageId: 'm2' });
    const seen = [
      published(job),
      given(job, 'worker.noop'),
      settled,
      published(started),
      published(line),
      published(completed),
      published(note),
    ];
    for (const event of seen.map(readTap)) if (event !== null) protocol.observe(event);
    protocol.end();
    expect(protocol.violations.map(({ promise }) => promise)).toEqual(['I3']);
    expect(protocol.counts).toEqual({ jobs: 1, finals: 1, resent: 0 });
  });
});
