// Ten minutes without a broker, while every lane says a hundred lines a second: what a worker keeps is bounded.
import { expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createAmqpTransport, parseAmqpUrl } from '../../adapters/amqp/index.js';
import { proxy } from '../adapters/amqp/peer.js';
import { turn } from '../adapters/bus.js';
import { operate } from '../operator.js';
import { describePrivateRabbitMQ } from '../private-rabbitmq.js';
import { Engine } from '../worker/engine.js';
import { Stage } from '../worker/stage.js';
import { chattyWorker, mebibytes, usedBytes } from './memory.js';

const laneCount = 4;
const lineCount = 60_000;
/** The promise, in bytes over an idle worker. */
const promised = 20 * 2 ** 20;

test('on the embedded broker, 60,000 lines of every lane, ten minutes by the clock', async () => {
  const clock = new SimulatedClock();
  const stage = new Stage({ resent: 'counted' });
  await stage.engine.open();
  const transport = stage.broker.connect({ name: 'chatty' });
  const chatty = await chattyWorker(stage.engine, {
    name: 'chatty',
    laneCount,
    options: { transport, clock },
  });
  await stage.broker.idle();
  const idle = usedBytes();
  stage.broker.refuse();
  stage.broker.cut('chatty');
  await stage.broker.idle();
  for (let n = 0; n < lineCount; n++) {
    chatty.say(n);
    clock.increment(10);
    // Attempts to reach the broker have their turn.
    if (n % 100 === 0) await turn();
  }
  const cutOff = usedBytes();
  expect(cutOff - idle).toBeLessThan(promised);
  expect(chatty.worker.status().counts.linesDropped).toBe(laneCount * lineCount);
  stage.broker.accept();
  chatty.end();
  while (chatty.worker.status().state !== 'listening.flowing') {
    clock.increment(500);
    await stage.broker.idle();
    await turn();
  }
  for (const job of chatty.jobs) expect(await job.final()).toMatchObject({ status: 'completed' });
  void chatty.worker.stop();
  while (chatty.worker.status().state !== 'stopped') {
    clock.increment(100);
    await turn();
  }
  await stage.end();
  report('embedded broker, refused', { idle, cutOff });
});

describePrivateRabbitMQ('on RabbitMQ', (start) => {
  test('that is stopped, and over a link that fell silent: as many lines, as fast as they come', async () => {
    const broker = await start();
    const operator = await operate(broker.rabbitmqctl);
    const { host, port, ...rest } = parseAmqpUrl(broker.url);
    const cable = await proxy(new URL(`tcp://${host}:${port}`));
    const engine = await new Engine(createAmqpTransport({ url: broker.url })).open();
    const server = { ...rest, host, port: cable.port };
    const transport = createAmqpTransport({ server, heartbeatSeconds: 60, connectTimeoutMs: 1000 });
    const chatty = await chattyWorker(engine, {
      name: 'chatty',
      laneCount,
      options: { transport, random: () => 0.05 },
    });
    const say = async (from: number, count: number) => {
      for (let n = from; n < from + count; n++) {
        chatty.say(n);
        if (n % 100 === 0) await turn();
      }
    };
    await say(0, 1000);
    const idle = usedBytes();
    // Nobody knows yet: what is sent stays in buffers of this process.
    cable.freeze();
    await say(1000, lineCount);
    const silent = usedBytes();
    expect(silent - idle).toBeLessThan(promised);
    const lost = new Promise<void>((resolve) =>
      chatty.worker.subscribe(({ to }) => to === 'reconnecting' && resolve()),
    );
    await operator.evaluate('rabbit:stop()');
    cable.reset();
    await lost;
    await say(1000 + lineCount, lineCount);
    const stopped = usedBytes();
    expect(stopped - idle).toBeLessThan(promised);
    const back = new Promise<void>((resolve) =>
      chatty.worker.subscribe(({ to }) => to === 'listening.flowing' && resolve()),
    );
    await operator.evaluate('rabbit:start()');
    await back;
    chatty.end();
    await chatty.worker.stop();
    await engine.transport.close();
    await cable.close();
    operator.end();
    await broker.stop();
    report('RabbitMQ, link silent', { idle, cutOff: silent });
    report('RabbitMQ, stopped', { idle, cutOff: stopped });
  }, 120_000);
});

function report(what: string, { idle, cutOff }: { idle: number; cutOff: number }): void {
  const figures = `${mebibytes(idle)} MiB idle, ${mebibytes(cutOff - idle)} MiB more`;
  process.stdout.write(`memory, ${laneCount} lanes, ${lineCount} lines each, ${what}: ${figures}\n`);
}
