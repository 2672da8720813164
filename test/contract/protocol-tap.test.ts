// The judge on the embedded broker: a worker in good order breaks nothing, a worker that lies is found out.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { createMemoryBroker, type MemoryBroker } from '../../adapters/memory/index.js';
import { readTap } from '../../src/contract/bus-event.js';
import type { Message } from '../../src/contract/message.js';
import { numeric } from '../../src/contract/numeric.js';
import { createProtocol, type Protocol } from '../../src/contract/protocol.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import type { Transport } from '../../src/transport.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { createLogger } from '../../src/worker/default-logger.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import { limits } from './received.js';

const replies = { name: 'replies', durable: false };

async function judged(): Promise<{ broker: MemoryBroker; engine: Transport; protocol: Protocol }> {
  const broker = createMemoryBroker();
  const protocol = createProtocol();
  broker.tap((event) => {
    const seen = readTap(event);
    if (seen !== null) protocol.observe(seen);
  });
  broker.declare(releaseEngine.topology('echo'));
  broker.declare({ exchanges: [], queues: [replies], bindings: [] });
  const engine = broker.connect({ name: 'engine' });
  await engine.open();
  return { broker, engine, protocol };
}

/** Sends and waits until as many replies have come as are asked for. */
function converse(engine: Transport, messages: readonly Message[], replyCount: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let count = 0;
    const onDelivery = () => {
      count += 1;
      if (count === replyCount) resolve();
    };
    engine.consume(replies.name, { noAck: true, onDelivery }).then(() => {
      for (const message of messages) engine.publish(message);
    }, reject);
  });
}

const job = (seconds: unknown, correlationId: string) =>
  releaseEngine.encodeJob(
    { step: 'echo:Say', parameters: { seconds }, notify: { completed: { irc: ['#x'] } } },
    { replyTo: 'replies', correlationId },
  );

it('finds nothing in what a worker sends for good, failing and invalid jobs', async () => {
  const { broker, engine, protocol } = await judged();
  const definition = defineWorker({
    name: 'echo',
    steps: {
      Say: {
        parameters: z.object({ seconds: numeric() }),
        async run({ parameters, output, notify }) {
          output.info('saying');
          notify('completed', { slug: 's', message: 'm' });
          if (parameters.seconds < 0) throw new Error('no');
          return parameters.seconds;
        },
      },
    },
  });
  const worker = createWorker(definition, {
    transport: broker.connect(),
    concurrency: 3,
    logger: createLogger('silent'),
  });
  await worker.start();
  const broken = { ...job(1, 'c'), body: new TextEncoder().encode('{') };
  const nobody = { ...job(1, 'd'), properties: { correlationId: 'd' } };
  const gone = { ...job(1, 'e'), properties: { correlationId: 'e', replyTo: 'gone' } };
  await converse(engine, [job(1, 'a'), job(-1, 'b'), broken, nobody, gone, job('x', 'f'), job('2', 'g')], 8);
  await worker.stop();
  await broker.idle();
  protocol.end();
  expect(protocol.violations).toEqual([]);
  expect(protocol.counts).toEqual({ jobs: 7, finals: 5, resent: 0 });
});

it('finds each fault of a worker that breaks every promise', async () => {
  const { broker, engine, protocol } = await judged();
  const liar = broker.connect();
  await liar.open();
  await liar.consume('worker.echo', {
    onDelivery(delivery) {
      const { address, job } = releaseEngine.decodeJob(delivery, limits);
      const sender = { address, appId: 'echoworker' };
      const reply = (status: 'started' | 'completed' | 'failed', messageId: string) =>
        liar.publish(releaseEngine.encodeReply({ status }, { ...sender, messageId }), () => {});
      if (!job.ok) {
        if (!delivery.redelivered) delivery.settle('requeue');
        return;
      }
      reply('started', 'm1');
      reply('started', 'm2');
      reply('completed', 'm3');
      reply('failed', 'm4');
      liar.publish(releaseEngine.encodeOutput('by the way', sender), () => {});
      delivery.settle('acknowledge');
    },
  });
  const broken = { ...job(1, 'b'), body: new TextEncoder().encode('{') };
  await converse(engine, [job(1, 'a'), broken], 4);
  await broker.idle();
  protocol.end();
  const promises = protocol.violations.map(({ promise, correlationId }) => `${promise} ${correlationId}`);
  expect(promises).toEqual(['I2 a', 'I1 a', 'I3 a', 'I5 b', 'I1 b', 'I1 b']);
});
