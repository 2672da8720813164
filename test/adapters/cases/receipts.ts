// Publishes with a receipt: what it says, how often, and in which order.
import { expect } from 'vitest';
import type { Message, Outcome } from '../../../src/transport.js';
import { type Cases, message, Trace, texts } from '../bus.js';

export const receiptCases: Cases = {
  'a message that a queue takes is confirmed': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    expect(await client.publish(message(queue, { text: 'a' }))).toBe('confirmed');
    expect(texts(await bus.drain(queue, 1))).toEqual(['a']);
  },
  'a mandatory message that no queue takes is returned': async (bus) => {
    const client = await bus.open();
    expect(await client.publish(message(bus.name('nobody'), { mandatory: true }))).toBe('returned');
    expect(client.log.all).toEqual(['connection.opened', 'returned']);
    expect(client.transport.status.unconfirmedCount).toBe(0);
  },
  'a mandatory message to a direct reply address of nobody is returned, and so is the next one': async (
    bus,
  ) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    // The first names no queue; over the second, whose inside cannot be decoded, RabbitMQ ends a connection.
    const dead = ['amq.rabbitmq.reply-to.nobody', 'amq.rabbitmq.reply-to.@@@@.AAAA'];
    const outcomes = [...dead, ...dead, queue].map((to) => client.publish(message(to)));
    expect(await Promise.all(outcomes)).toEqual([...Array(4).fill('returned'), 'confirmed']);
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 1, unconfirmedCount: 0 });
  },
  'a message that is not mandatory is confirmed, though no queue takes it': async (bus) => {
    const client = await bus.open();
    expect(await client.publish(message(bus.name('nobody'), { mandatory: false }))).toBe('confirmed');
  },
  'of 200 mixed messages each gets its own outcome': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const nobody = bus.name('nobody');
    const isRouted = (n: number) => n % 3 !== 0;
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        client.publish(message(isRouted(n) ? queue : nobody, { text: String(n) })),
      ),
    );
    expect(outcomes).toEqual(Array.from({ length: 200 }, (_, n) => (isRouted(n) ? 'confirmed' : 'returned')));
  },
  'twins that no queue takes are returned both': async (bus) => {
    const client = await bus.open();
    const twin = message(bus.name('nobody'), { text: 'same' });
    expect(await Promise.all([client.publish(twin), client.publish(twin)])).toEqual(['returned', 'returned']);
  },
  'a receipt is called once, and never before publish returned': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const calls: string[] = [];
    const done = new Trace<Outcome>();
    const sends: readonly [string, Message][] = [
      ['taken', message(queue)],
      ['returned', message(bus.name('nobody'))],
      ['refused', message(queue, { properties: { correlationId: 'x'.repeat(256) } })],
    ];
    for (const [what, given] of sends) {
      client.transport.publish(given, (outcome) => {
        calls.push(what);
        done.add(outcome);
      });
      expect(calls).toEqual([]);
    }
    await done.first(3);
    await client.publish(message(queue));
    await client.transport.close();
    expect(calls.sort()).toEqual(['refused', 'returned', 'taken']);
  },
  'a receipt gets the very message that was published': async (bus) => {
    const client = await bus.open();
    const given = message(await bus.queue(client));
    const got = await new Promise<Message>((resolve) => {
      client.transport.publish(given, (_, published) => resolve(published));
    });
    expect(got).toBe(given);
  },
  'receipts of messages to one queue come in the order of the publishes': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const order = new Trace<number>();
    for (let n = 0; n < 100; n++) client.transport.publish(message(queue), () => order.add(n));
    expect(await order.first(100)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  },
  'messages of one turn arrive in the order of their publishes': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const bodies = Array.from({ length: 100 }, (_, n) => String(n));
    await Promise.all(bodies.map((body) => client.publish(message(queue, { text: body }))));
    expect(texts(await bus.drain(queue, 100))).toEqual(bodies);
  },
  'before open a message is lost on a later turn, and comes back in the receipt': async (bus) => {
    const client = bus.client();
    const given = message('q');
    let called = false;
    const outcome = new Promise<[Outcome, Message]>((resolve) => {
      const goOn = client.transport.publish(given, (...receipt) => {
        called = true;
        resolve(receipt);
      });
      expect(goOn).toBe(true);
    });
    expect(called).toBe(false);
    expect(await outcome).toEqual(['lost', given]);
  },
  'after close a message is lost, and nothing is kept for the next epoch': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    await client.transport.close();
    client.transport.publish(message(queue, { text: 'line' }));
    expect(await client.publish(message(queue, { text: 'reply' }))).toBe('lost');
    await client.transport.open();
    await client.publish(message(queue, { text: 'new' }));
    await client.transport.close();
    expect(texts(await bus.drain(queue, 1))).toEqual(['new']);
    await bus.isEmpty(queue);
  },
  'a message that cannot be encoded is refused, and the channel lives on': async (bus) => {
    const client = await bus.open();
    const queue = await bus.queue(client);
    const tooLong = { correlationId: 'x'.repeat(256) };
    expect(await client.publish(message(queue, { properties: tooLong }))).toBe('refused');
    expect(await client.publish(message(queue, { text: 'next' }))).toBe('confirmed');
    expect(client.log.all).toEqual(['connection.opened', 'refused', 'confirmed']);
    await bus.holds(queue, 1);
  },
};
