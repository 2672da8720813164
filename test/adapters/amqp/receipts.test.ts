// Which receipt an answer of the broker belongs to.
import { once } from 'node:events';
import type { Message as ReturnedMessage } from 'amqplib';
import { beforeEach, expect, it } from 'vitest';
import { Receipts } from '../../../adapters/amqp/receipts.js';
import type { Message } from '../../../src/transport.js';
import { message } from '../bus.js';

let receipts: Receipts;
let heard: string[];
beforeEach(() => {
  receipts = new Receipts();
  heard = [];
});

function add(name: string, changes: Partial<Message> = {}): Message {
  const published = message('queue', { text: 'same', ...changes });
  receipts.add(published, (outcome, given) => {
    expect(given).toBe(published);
    heard.push(`${name} ${outcome}`);
  });
  return published;
}

/** As amqplib hands it over. */
function comeBack({ exchange, routingKey, properties, body }: Message): ReturnedMessage {
  const known = { contentType: undefined, contentEncoding: undefined, headers: {}, deliveryMode: undefined };
  const rest = { priority: undefined, replyTo: undefined, expiration: undefined, timestamp: undefined };
  return {
    fields: { exchange, routingKey, deliveryTag: 0, redelivered: false },
    properties: {
      ...known,
      ...rest,
      type: undefined,
      userId: undefined,
      appId: undefined,
      clusterId: undefined,
      messageId: properties.messageId,
      correlationId: properties.correlationId,
    },
    content: Buffer.from(body),
  };
}

const one = (deliveryTag: number) => ({ deliveryTag, multiple: false });

it('a confirm ends the publish of its number, in whatever order confirms come', () => {
  for (const name of ['a', 'b', 'c']) add(name);
  receipts.confirmed(one(2), 'confirmed');
  receipts.confirmed(one(1), 'refused');
  receipts.confirmed(one(3), 'confirmed');
  expect(heard).toEqual(['b confirmed', 'a refused', 'c confirmed']);
  expect(receipts.count).toBe(0);
});

it('a confirm of several ends all that are open up to its number, oldest first', () => {
  for (const name of ['a', 'b', 'c', 'd']) add(name);
  receipts.confirmed(one(2), 'confirmed');
  receipts.confirmed({ deliveryTag: 3, multiple: true }, 'confirmed');
  expect(heard).toEqual(['b confirmed', 'a confirmed', 'c confirmed']);
  expect(receipts.count).toBe(1);
});

it('a second confirm of the same number changes nothing', () => {
  add('a');
  for (const outcome of ['confirmed', 'refused'] as const) receipts.confirmed(one(1), outcome);
  expect(heard).toEqual(['a confirmed']);
});

it('a return replaces the confirm that follows', () => {
  add('a', { properties: { messageId: '1' } });
  receipts.returned(comeBack(add('b', { properties: { messageId: '2' } })));
  receipts.confirmed({ deliveryTag: 2, multiple: true }, 'confirmed');
  expect(heard).toEqual(['b returned', 'a confirmed']);
});

it.each<[string, Partial<Message>]>([
  ['another exchange', { exchange: 'other' }],
  ['another key', { routingKey: 'other' }],
  ['another message id', { properties: { messageId: 'other' } }],
  ['another correlation id', { properties: { correlationId: 'other' } }],
  ['another body', { body: Buffer.from('other') }],
  ['not mandatory', { mandatory: false }],
])('a return passes by a publish with %s', (_, changes) => {
  add('a', changes);
  receipts.returned(comeBack(add('b')));
  expect(heard).toEqual(['b returned']);
});

it('of twins the oldest open one is returned', () => {
  add('a');
  const twin = add('b');
  receipts.returned(comeBack(twin));
  receipts.returned(comeBack(twin));
  expect(heard).toEqual(['a returned', 'b returned']);
});

it('a return finds a correlation id that UTF-8 changed', () => {
  const published = add('a', { properties: { correlationId: 'half \ud83d' } });
  receipts.returned(comeBack({ ...published, properties: { correlationId: 'half \ufffd' } }));
  expect(heard).toEqual(['a returned']);
});

it('what is open is lost, oldest first, and waiting for the end of it ends', async () => {
  for (const name of ['a', 'b']) add(name);
  const empty = receipts.empty();
  receipts.lose();
  expect(heard).toEqual(['a lost', 'b lost']);
  await empty;
});

it('a receipt that throws is warned of, and the others are called', async () => {
  const warned = once(process, 'warning');
  receipts.add(message('queue'), () => {
    throw new Error('oh');
  });
  add('b');
  receipts.confirmed({ deliveryTag: 2, multiple: true }, 'confirmed');
  expect(heard).toEqual(['b confirmed']);
  expect(await warned).toMatchObject([
    { name: 'NeedfulWarning', message: expect.stringContaining('Error: oh') },
  ]);
});
