// Signals while the broker reads nothing from the worker: an alarm over memory, on a RabbitMQ of this file's own.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Broker } from '../../scripts/broker.js';
import { type Operator, operate } from '../operator.js';
import { describePrivateRabbitMQ } from '../private-rabbitmq.js';
import { openEngine, said, type TestEngine } from './engine.js';
import { build, endAll, file, needful, start } from './needful.js';

describePrivateRabbitMQ('a worker in an alarm over memory', (startBroker) => {
  let broker: Broker;
  let operator: Operator;
  let engine: TestEngine | undefined;
  beforeAll(async () => {
    await build();
    broker = await startBroker();
    operator = await operate(broker.rabbitmqctl);
  });
  afterEach(async () => {
    endAll();
    await operator.alarm(false);
    await engine?.close();
    engine = undefined;
  });
  afterAll(async () => {
    operator?.end();
    await broker?.stop();
  });

  /** Its job has ended, and the broker reads neither the reply nor anything else. */
  async function mute(drainMs: number) {
    const worker = start(['run', file('gate.ts'), '--json', '--declare', '--amqp', broker.url], {
      env: { NEEDFUL_DRAIN_MS: String(drainMs) },
    });
    await worker.line(/"type":"listening"/);
    engine = await openEngine(broker.url);
    const job = engine.ask('gate:Hold');
    await worker.line(/"to":"doingTheNeedful"/);
    await operator.alarm(true);
    worker.child.kill('SIGUSR2');
    await worker.line(/"to":"completed"/);
    await worker.line(/"to":"listening.blocked"/);
    return { worker, job };
  }

  test('F40 one signal, and the alarm ends in time: the reply arrives, exit 0', async () => {
    const { worker, job } = await mute(60_000);
    worker.child.kill('SIGTERM');
    await worker.line(/"to":"draining.connected"/);
    await operator.alarm(false);
    expect(await job.final).toMatchObject({ status: 'completed', data: 'let through' });
    expect(await worker.exit).toBe(0);
    expect(said(worker, 'stopped')).toMatchObject({ status: { counts: { completed: 1, unanswered: 0 } } });
  });

  test('F40 one signal, and the alarm does not end in time: exit 75, and it says so', async () => {
    const { worker } = await mute(300);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(75);
    expect(said(worker, 'error')).toMatchObject({
      code: 'DRAIN_DEADLINE_PASSED',
      message: expect.stringMatching(/1 job was cancelled; .*the broker took nothing any more/),
    });
  });

  test('F40 two signals: it is down at once, exit 75', async () => {
    const { worker } = await mute(60_000);
    worker.child.kill('SIGTERM');
    await worker.line(/"to":"draining.connected"/);
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(75);
  });

  test('F9 a broker that takes no passwords: exit 78, and says what to do', async () => {
    await operator.set('auth_mechanisms', "['EXTERNAL']");
    const { code, stderr } = await needful(['run', 'noop', '--amqp', broker.url]);
    await operator.set('auth_mechanisms', "['PLAIN', 'AMQPLAIN']");
    expect(stderr).toMatch(/^needful: LOGIN_UNSUPPORTED: .*\(SASL PLAIN\)\.\nHave it offer .*PLAIN.*\n$/);
    expect(code).toBe(78);
  });
});
