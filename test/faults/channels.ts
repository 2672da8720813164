// Section 1.3 of the catalogue, first part: channels that close while the connection lives, replies that reach nobody.
import { connect, type Message as RawMessage } from 'amqplib';
import { expect } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { Delivery, Transport } from '../../src/transport.js';
import { Trace } from '../adapters/bus.js';
import { jobText, loseChannel, loss, running, sameChannel } from './ground.js';
import { alone, onBoth, onEmbedded, onRabbitMQ, type Story } from './stories.js';

/** A transport that shows what its user is given. */
function seen(deliveries: Trace<Delivery>) {
  return (transport: Transport): Transport => ({
    open: (options) => transport.open(options),
    close: () => transport.close(),
    declare: (topology) => transport.declare(topology),
    check: (topology) => transport.check(topology),
    publish: (message, receipt) => transport.publish(message, receipt),
    subscribe: (observer) => transport.subscribe(observer),
    get status() {
      return transport.status;
    },
    consume: (queue, options) =>
      transport.consume(queue, {
        ...options,
        onDelivery(delivery) {
          options.onDelivery(delivery);
          deliveries.add(delivery);
        },
      }),
  });
}

export const channelStories: readonly Story[] = [
  onBoth('F21', 'the handle of a delivery works once, no channel ends over it', async (ground) => {
    const deliveries = new Trace<Delivery>();
    const worker = await ground.play({}, { between: seen(deliveries) });
    for (let count = 1; count <= 5; count++) {
      const { job, step } = await running(worker);
      for (const delivery of deliveries.all) {
        expect(delivery.settle('acknowledge')).toBe(false);
        expect(delivery.settle('requeue')).toBe(false);
      }
      step.end();
      await job.final();
    }
    expect(deliveries.all).toHaveLength(5);
    sameChannel(worker);
    await ground.over(worker);
  }),

  onBoth('F22', 'settling says no, a reply is unknown and goes out on the next channel', async (ground) => {
    const deliveries = new Trace<Delivery>();
    const worker = await ground.play({}, { holdMs: 600_000, between: seen(deliveries) });
    const { job, step } = await running(worker);
    const waiting = await worker.job();
    const [, unsettled] = await deliveries.first(2);
    const atEvent: unknown[] = [];
    const unsubscribe = worker.transport.subscribe(({ type }) => {
      if (type !== 'channel.closed') return;
      unsubscribe();
      atEvent.push(unsettled?.settlement, unsettled?.settle('requeue'));
      step.end('while there was no channel');
    });
    expect(await loseChannel(worker)).toBe('lost');
    expect(atEvent).toEqual(['lost', false]);
    await worker.reached('replyUnknown');
    expect(await job.final()).toMatchObject({ status: 'completed', data: 'while there was no channel' });
    expect(job.statuses).toEqual(['started', 'completed']);
    (await worker.held(2)).end('again');
    expect(await waiting.final()).toMatchObject({ data: 'again' });
    expect(waiting.statuses).toEqual(['started', 'completed']);
    expect(worker.transport.status).toMatchObject({ epoch: 2 });
    await ground.over(worker);
  }),
  onBoth(
    'F22',
    'only the channel is lost: the connection is not opened again, running jobs are not waited for',
    async (ground) => {
      const worker = await ground.play();
      const events: string[] = [];
      worker.transport.subscribe(({ type }) => events.push(type));
      const { job, step } = await running(worker);
      const lost = loss(worker);
      await loseChannel(worker);
      await lost;
      await worker.listens();
      expect(events).toEqual(['channel.closed']);
      step.end();
      await job.final();
      await ground.over(worker);
    },
  ),

  onBoth('F23', 'it is refused, and acknowledges nothing', async (ground) => {
    const deliveries = new Trace<Delivery>();
    const worker = await ground.play({ acknowledge: 'settled' }, { between: seen(deliveries) });
    const first = await running(worker);
    const second = await worker.job();
    await loseChannel(worker);
    await worker.reached('lost');
    // The first job comes again, as the first delivery of the new channel; the late end of its first run is nobody's.
    const again = await worker.held(2);
    expect(again.context.correlationId).toBe(first.job.correlationId);
    first.step.end('too late');
    expect(deliveries.all[0]?.settle('acknowledge')).toBe(false);
    again.end('the second time');
    expect(await first.job.final()).toMatchObject({ data: 'the second time' });
    (await worker.held(3)).end('after it');
    expect(await second.final()).toMatchObject({ data: 'after it' });
    expect(second.statuses).toEqual(['started', 'completed']);
    await ground.over(worker);
  }),
  onBoth('F23', 'a step that may finish does so, and nobody is told how', async (ground) => {
    const worker = await ground.play({ acknowledge: 'settled', deliveryLost: 'finish' });
    const { job, step } = await running(worker);
    const lost = loss(worker);
    await loseChannel(worker);
    await lost;
    expect(step.context.signal.aborted).toBe(false);
    step.end('finished');
    await worker.reached('lost');
    (await worker.held(2)).end('done again');
    expect(await job.final()).toMatchObject({ data: 'done again' });
    expect(job.statuses).toEqual(['started', 'started', 'completed']);
    await ground.over(worker);
  }),

  onEmbedded('F24', 'the log warns, a new channel is opened, the job comes again', async (ground) => {
    const clock = new SimulatedClock();
    const worker = await ground.play({ acknowledge: 'settled' }, { clock });
    const { job } = await running(worker);
    clock.increment(0.8 * 30 * 60_000 - 1);
    expect(ground.log.all.filter(({ level }) => level === 'warn')).toEqual([]);
    clock.increment(1);
    const { correlationId } = await ground.logged('warn', /not acknowledged for long/);
    expect(correlationId).toBe(job.correlationId);
    const lost = loss(worker);
    ground.broker.closeChannel({ name: worker.name });
    await lost;
    await worker.reached('lost');
    while (!worker.begun.all[1]) {
      clock.increment(100);
      await ground.broker.idle();
    }
    (await worker.held(2)).end('again');
    expect(await job.final()).toMatchObject({ data: 'again' });
    await ground.over(worker);
  }),
  alone(
    onRabbitMQ(
      'F24',
      'the log warns, a new channel is opened, what waited for a lane comes again',
      async (ground) => {
        await ground.set('consumer_timeout', '1000');
        await ground.set('channel_tick_interval', '200');
        try {
          const worker = await ground.play({}, { holdMs: 600_000, consumerTimeoutMs: 1000 });
          const { job, step } = await running(worker);
          const waiting = await worker.job();
          const lost = loss(worker);
          const { correlationId } = await ground.logged('warn', /not acknowledged for long/);
          expect(correlationId).toBe(waiting.correlationId);
          expect(worker.status().ready).toBe(true);
          await lost;
          await ground.logged('warn', /does not listen/, ({ why }) => /timed out/.test(String(why)));
          step.end('long');
          expect(await job.final()).toMatchObject({ data: 'long' });
          (await worker.held(2)).end('again');
          expect(await waiting.final()).toMatchObject({ data: 'again' });
          expect([job.statuses, waiting.statuses]).toEqual(Array(2).fill(['started', 'completed']));
          await ground.over(worker);

          const late = await ground.play({ acknowledge: 'settled' });
          const second = await running(late);
          await late.reached('lost');
          expect(second.step.context.signal.reason).toMatchObject({ code: 'DELIVERY_LOST' });
          (await late.held(2)).end('again');
          expect(await second.job.final()).toMatchObject({ data: 'again' });
          await ground.over(late);
        } finally {
          await ground.set('consumer_timeout', '1800000');
          await ground.set('channel_tick_interval', '60000');
        }
      },
    ),
  ),

  ...(['received', 'verified', 'settled'] as const).flatMap((acknowledge) => [
    onBoth('F25', `before it begins (${acknowledge}): the needful is not begun`, async (ground) => {
      const worker = await ground.play({ acknowledge });
      const job = await worker.job({ replyTo: 'nobody.reads.this' });
      await worker.reached('unanswered');
      await worker.reached('listening');
      expect(job.statuses).toEqual([]);
      expect(worker.begun.all).toEqual([]);
      expect(worker.status().counts).toMatchObject({ received: 1, unanswered: 1, lost: 0 });
      sameChannel(worker);
      await ground.over(worker);
    }),
    onBoth(
      'F25',
      `after it was done (${acknowledge}): the log has the outcome, nothing is requeued`,
      async (ground) => {
        const reader = ground.connect('reader');
        await reader.open();
        const { queues } = await reader.declare({
          exchanges: [],
          queues: [{ name: '', durable: false, exclusive: true }],
          bindings: [],
        });
        const worker = await ground.play({ acknowledge });
        const { job, step } = await running(worker, { replyTo: queues[0]?.name ?? '' });
        await reader.close();
        step.end({ answer: 42 });
        await worker.reached('unanswered');
        const { outcome, correlationId } = await ground.logged('warn', /nobody can be told/);
        expect(outcome).toMatchObject({ status: 'completed', data: { answer: 42 } });
        expect(correlationId).toBe(job.correlationId);
        await ground.over(worker);
      },
    ),
  ]),

  onBoth('F26', 'the needful is not begun', async (ground) => {
    const worker = await ground.play();
    for (const [index, address] of ['nobody', '@@@@.AAAA', 'AAAA.AAAA', ''].entries()) {
      await worker.job({ replyTo: `amq.rabbitmq.reply-to.${address}` });
      await worker.reached('unanswered', index + 1);
    }
    expect(worker.begun.all).toEqual([]);
    sameChannel(worker);
    await ground.over(worker);
  }),
  onRabbitMQ(
    'F26',
    'who is there gets both replies; who left meanwhile is known to get none',
    async (ground) => {
      const worker = await ground.play();
      const client = await connect(ground.node.broker.url);
      const channel = await client.createChannel();
      const statuses = new Trace<string>();
      const hear = (message: RawMessage | null) => statuses.add(JSON.parse(String(message?.content)).status);
      await channel.consume('amq.rabbitmq.reply-to', hear, { noAck: true });
      const send = () =>
        channel.publish('', worker.queueName, Buffer.from(jobText(worker.queueName)), {
          replyTo: 'amq.rabbitmq.reply-to',
        });
      send();
      (await worker.held(1)).end();
      expect(await statuses.first(2)).toEqual(['started', 'completed']);
      send();
      const step = await worker.held(2);
      await client.close();
      step.end('for nobody');
      await worker.reached('unanswered');
      sameChannel(worker);
      await ground.over(worker);
    },
  ),

  onBoth('F27', 'it is declared and consumed again, the job in hand is answered', async (ground) => {
    const worker = await ground.play();
    const { job, step } = await running(worker);
    const lost = loss(worker);
    await ground.deleteQueue(worker.queueName);
    await lost;
    await worker.listens();
    await ground.logged('warn', /does not listen/, ({ code }) => code === 'QUEUE_MISSING');
    step.end('meanwhile');
    expect(await job.final()).toMatchObject({ data: 'meanwhile' });
    sameChannel(worker);
    await ground.over(worker);
  }),
];
