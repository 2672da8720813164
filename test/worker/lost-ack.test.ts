// An ack has no answer: what becomes of one that the broker never sees, because the connection is reset before it is sent.
import { connect } from 'amqplib';
import { afterEach, expect, test } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import silent from '../../examples/silent.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { Worker } from '../../src/worker/definition.js';
import { silentLogger } from '../../src/worker/logger.js';
import { proxy } from '../adapters/amqp/peer.js';
import { Trace } from '../adapters/bus.js';
import { describeRabbitMQ } from '../rabbitmq.js';

describeRabbitMQ('an ack that never arrives', ({ url }) => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** A worker whose first step resets its connection in the turn in which the delivery was acknowledged, or later. */
  async function cutOff(definition: Omit<Parameters<typeof defineWorker>[0], 'steps'>) {
    const cable = await proxy(new URL(url));
    const address = new URL(url);
    address.port = String(cable.port);
    const runs = new Trace<boolean>();
    const worker = createWorker(
      defineWorker({
        ...definition,
        steps: {
          '*': {
            run() {
              if (runs.all.length === 0) cable.reset();
              runs.add(true);
            },
          },
        },
      }) as Worker,
      { transport: createAmqpTransport({ url: address.href }), topology: 'declare', logger: silentLogger },
    );
    const ended = new Trace<string>();
    worker.subscribe(({ machine, from, to }) => {
      if (machine === 'job' && to === 'listening') ended.add(from);
    });
    const connection = await connect(url);
    const channel = await connection.createChannel();
    ends.push(
      () => cable.close(),
      async () => {
        await channel.deleteQueue(`worker.${definition.name}`);
        await connection.close();
      },
      () => worker.stop({ deadlineMs: 0 }),
    );
    await worker.start();
    return { worker, runs, ended, channel };
  }

  test('has its job run again in a flow that never replies: that is counted as redelivered, and by nobody as lost', async () => {
    const { worker, runs, ended, channel } = await cutOff({ name: 'notes', flow: silent.flow });
    channel.publish('re', 'worker.notes', Buffer.from('{"parameters": {"command": "notes"}}'));
    await runs.first(2);
    await ended.first(2);
    expect(worker.status().counts).toMatchObject({ received: 2, redelivered: 1, lost: 0 });
  });

  test('cannot be where the confirm of `started` came: the job is run once', async () => {
    const { worker, runs, ended, channel } = await cutOff({ name: 'noted' });
    const { queue } = await channel.assertQueue('', { autoDelete: true });
    const statuses = new Trace<unknown>();
    await channel.consume(queue, (message) => statuses.add(JSON.parse(String(message?.content)).status), {
      noAck: true,
    });
    const job = Buffer.from('{"parameters": {"command": "noted", "subcommand": "Do"}}');
    channel.publish('re', 'worker.noted', job, { replyTo: queue });
    await ended.first(1);
    await statuses.first(1, (status) => status === 'completed');
    expect(runs.all).toHaveLength(1);
    expect(worker.status().counts).toMatchObject({ received: 1, redelivered: 0, completed: 1 });
  });
});
