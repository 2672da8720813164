// What goes in comes out: bodies and properties.
import { expect } from 'vitest';
import type { Delivery, Message } from '../../../src/transport.js';
import { type Bus, type Cases, message } from '../bus.js';

async function roundTrip(bus: Bus, changes: Partial<Message>): Promise<Delivery> {
  const client = await bus.open();
  const queue = await bus.queue(client);
  const { deliveries } = await client.consume(queue);
  expect(await client.publish(message(queue, changes))).toBe('confirmed');
  const [delivery] = await deliveries.first(1);
  if (!delivery) throw new Error('Nothing was delivered.');
  return delivery;
}

const present = (properties: object) =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));

export const messageCases: Cases = {
  'a body may be empty': async (bus) => {
    const { body } = await roundTrip(bus, { body: new Uint8Array(0) });
    expect(body.length).toBe(0);
  },
  'a body may be 1 MB': async (bus) => {
    const sent = Buffer.alloc(1_048_576, 'needful ');
    const { body } = await roundTrip(bus, { body: sent });
    expect(Buffer.compare(body, sent)).toBe(0);
  },
  'a body may hold any bytes': async (bus) => {
    const sent = Uint8Array.from({ length: 512 }, (_, n) => n % 256);
    const { body } = await roundTrip(bus, { body: sent });
    expect([...body]).toEqual([...sent]);
  },
  'a body may be a part of a larger buffer': async (bus) => {
    const whole = new TextEncoder().encode('before-middle-after');
    const { body } = await roundTrip(bus, { body: whole.subarray(7, 13) });
    expect(Buffer.from(body).toString()).toBe('middle');
  },
  'every property arrives as it was sent': async (bus) => {
    const sent = {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      correlationId: 'c-1',
      replyTo: 'log',
      messageId: 'm-1',
      appId: 'noopworker',
      type: 'job',
      timestamp: 1_700_000_000,
      priority: 3,
      persistent: true,
    };
    const { properties } = await roundTrip(bus, { properties: sent });
    expect(present(properties)).toEqual(sent);
  },
  'properties that were not set are undefined': async (bus) => {
    const { properties } = await roundTrip(bus, { properties: { correlationId: '7' } });
    expect(present(properties)).toEqual({ correlationId: '7' });
  },
  'properties are UTF-8, and may be empty': async (bus) => {
    const sent = { correlationId: 'ä€😀', messageId: '' };
    const { properties } = await roundTrip(bus, { properties: sent });
    expect(present(properties)).toEqual(sent);
  },
  'a property of 255 bytes fits': async (bus) => {
    const correlationId = `${'ä'.repeat(127)}x`;
    const { properties } = await roundTrip(bus, { properties: { correlationId } });
    expect(properties.correlationId).toBe(correlationId);
  },
  'headers arrive as they were sent, nested ones too': async (bus) => {
    const headers = {
      text: 'ä',
      number: 42,
      half: 0.5,
      yes: true,
      no: null,
      list: [1, 'two'],
      table: { deep: 'x' },
    };
    const delivery = await roundTrip(bus, { properties: { headers } });
    expect(delivery.properties.headers).toEqual(headers);
    expect(delivery.headersReadable).toBe(true);
  },
};
