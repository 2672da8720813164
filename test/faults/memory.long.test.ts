// Ten real minutes without a RabbitMQ, while every lane says a hundred lines a second: what a worker keeps is bounded.
import { expect, test } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { operate } from '../operator.js';
import { describePrivateRabbitMQ } from '../private-rabbitmq.js';
import { Engine } from '../worker/engine.js';
import { chattyWorker, mebibytes, usedBytes } from './memory.js';

const laneCount = 4;
const lineCount = 60_000;

describePrivateRabbitMQ('a RabbitMQ that is away for ten minutes', (start) => {
  test('costs a worker at most 20 MiB, and it comes back', async () => {
    const broker = await start();
    const operator = await operate(broker.rabbitmqctl);
    const engine = await new Engine(createAmqpTransport({ url: broker.url })).open();
    const transport = createAmqpTransport({ url: broker.url });
    const { worker, say, end } = await chattyWorker(engine, {
      name: 'chatty',
      laneCount,
      options: { transport },
    });
    say(0);
    const idle = usedBytes();
    await operator.evaluate('rabbit:stop()');
    await new Promise<void>((resolve) => {
      let said = 0;
      const timer = setInterval(() => {
        say(++said);
        if (said < lineCount) return;
        clearInterval(timer);
        resolve();
      }, 10);
    });
    const more = usedBytes() - idle;
    process.stdout.write(
      `memory after ${lineCount} lines of ${laneCount} lanes: ${mebibytes(more)} MiB more\n`,
    );
    expect(more).toBeLessThan(20 * 2 ** 20);
    expect(worker.status().ready).toBe(false);
    const back = new Promise<void>((resolve) =>
      worker.subscribe(({ to }) => to === 'listening.flowing' && resolve()),
    );
    await operator.evaluate('rabbit:start()');
    await back;
    end();
    await worker.stop();
    await engine.transport.close();
    operator.end();
    await broker.stop();
  });
});
