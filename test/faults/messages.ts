// Section 1.3 of the catalogue, third part: messages that cannot be sent, decoded or kept.
import { type ChannelModel, connect } from 'amqplib';
import { expect } from 'vitest';
import type { Delivery } from '../../src/transport.js';
import { nested, sendRaw, unsignedLong } from '../adapters/amqp/raw-publish.js';
import { Trace, until } from '../adapters/bus.js';
import { jobText, loss, running, sameChannel } from './ground.js';
import type { RabbitMQGround } from './rabbitmq-ground.js';
import { alone, onBoth, onRabbitMQ, type Story } from './stories.js';

async function foreigner<T>(ground: RabbitMQGround, use: (model: ChannelModel) => Promise<T>): Promise<T> {
  const model = await connect(ground.node.broker.url);
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

export const messageStories: readonly Story[] = [
  onRabbitMQ('F32', 'within our own limit it is failed, before it is sent', async (ground) => {
    const worker = await ground.play();
    const { job, step } = await running(worker);
    step.end('x'.repeat(300 * 1024));
    expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'RESULT_TOO_LARGE' } });
    sameChannel(worker);
    await ground.over(worker);
  }),
  alone(
    onRabbitMQ(
      'F32',
      'beyond the limit of the broker it is refused, in the end unanswered, and the lane goes on',
      async (ground) => {
        await ground.set('max_message_size', '100000');
        try {
          const worker = await ground.play();
          const { step } = await running(worker);
          const lost = loss(worker);
          step.end('x'.repeat(150_000));
          await lost;
          await worker.reached('replyRefused');
          await worker.reached('unanswered');
          await ground.over(worker);
        } finally {
          await ground.set('max_message_size', '134217728');
        }
      },
    ),
  ),

  onBoth('F33', 'replies, lines and notifications have none', async (ground) => {
    const worker = await ground.play({}, { notificationExchange: '' });
    const heard = new Trace<Delivery>();
    const onlooker = ground.connect('onlooker');
    await onlooker.open();
    const { queues } = await onlooker.declare({
      exchanges: [],
      queues: [
        { name: '', durable: false, exclusive: true },
        { name: 'notify.irc', durable: false, exclusive: true },
      ],
      bindings: [{ queue: '', exchange: 're', routingKey: '#' }],
    });
    for (const { name } of queues)
      await onlooker.consume(name, { noAck: true, onDelivery: (delivery) => heard.add(delivery) });
    const { step } = await running(worker, {
      replyTo: queues[0]?.name ?? '',
      notify: { soon: { irc: ['#ops'] } },
    });
    step.context.output.info('a line');
    step.context.notify('soon', { slug: 'soon', message: 'soon' });
    step.end();
    // started, completed; Starting, a line, Finished; a notification.
    const all = await heard.first(
      6,
      ({ exchange, routingKey }) => exchange !== 're' || routingKey === 'output',
    );
    const sent = new Set(all.flatMap(({ properties }) => Object.keys(properties)));
    for (const key of sent)
      expect(['appId', 'contentType', 'correlationId', 'messageId', 'replyTo']).toContain(key);
    await onlooker.close();
    await ground.over(worker);
  }),

  onRabbitMQ(
    'F34',
    'a correlation id that grows when it is decoded is left away, the job is done',
    async (ground) => {
      const worker = await ground.play();
      await foreigner(ground, (model) =>
        sendRaw(model, {
          queue: worker.queueName,
          correlationId: Buffer.alloc(200, 0xff),
          replyTo: ground.engine.replyTo,
          headers: Buffer.alloc(0),
          body: jobText(worker.queueName),
        }),
      );
      (await worker.held(1)).end();
      await worker.reached('completed');
      await worker.reached('listening');
      expect(worker.status().counts).toMatchObject({ completed: 1, unanswered: 0 });
      sameChannel(worker);
      await ground.over(worker);
    },
  ),

  onBoth('F35', 'what waits is gone, what runs is answered', async (ground) => {
    const worker = await ground.play({ acknowledge: 'settled' });
    const { job, step } = await running(worker);
    await worker.job();
    await until('one waits', async () => (await ground.queue(worker.queueName))?.readyCount === 1);
    await ground.purge(worker.queueName);
    step.end('whole');
    expect(await job.final()).toMatchObject({ data: 'whole' });
    await worker.reached('listening');
    expect(worker.begun.all).toHaveLength(1);
    sameChannel(worker);
    await ground.over(worker);
  }),

  onRabbitMQ('F36', 'with the guard it is an invalid job, told so, and nothing ends', async (ground) => {
    const worker = await ground.play();
    for (const headers of [unsignedLong, nested(9_000)]) {
      await foreigner(ground, (model) =>
        sendRaw(model, {
          queue: worker.queueName,
          correlationId: 'poison',
          replyTo: ground.engine.replyTo,
          headers,
          body: jobText(worker.queueName),
        }),
      );
    }
    await worker.reached('invalid', 2);
    await worker.reached('listening', 2);
    expect(worker.begun.all).toEqual([]);
    expect(await ground.logged('warn', /job refused/)).toMatchObject({ code: 'HEADERS_UNREADABLE' });
    sameChannel(worker);
    await ground.over(worker);
  }),
  onRabbitMQ(
    'F36',
    'what passes the guard ends the connection three times, then the worker',
    async (ground) => {
      // The end of the frame that holds the word is not what it must be.
      const { amqp } = await ground.cable((bytes) => {
        const at = bytes.indexOf('POISON');
        if (at >= 0) bytes[at + 'POISON'.length] = 0;
        return bytes;
      });
      const worker = await ground.play({}, { amqp });
      const body = Buffer.from('POISON');
      await new Promise((resolve) =>
        ground.engine.transport.publish(
          { exchange: '', routingKey: worker.queueName, body, properties: {}, mandatory: true },
          resolve,
        ),
      );
      const { error, ...status } = await worker.ended;
      expect(status).toMatchObject({ state: 'faulted', ready: false, counts: { received: 0 } });
      expect(error).toMatchObject({ code: 'FRAME_UNREADABLE', exit: 70 });
      expect(worker.route('worker').filter((state) => state === 'consuming')).toHaveLength(3);
      await ground.logged('error', /cannot go on/, ({ code }) => code === 'FRAME_UNREADABLE');
      expect(await ground.queue(worker.queueName)).toMatchObject({ readyCount: 1 });
    },
  ),
];
