// Client and release on a real RabbitMQ: what only a broker over the network can refuse or lose.
import { afterEach, expect, it } from 'vitest';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { createClient } from '../../src/client/create-client.js';
import { playRelease } from '../../src/release/play.js';
import type { ReleaseEvent } from '../../src/release/release-event.js';
import type { Transport } from '../../src/transport.js';
import { completed, started, startForeignWorker } from '../client/foreign-worker.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { playbookOf, told } from './stage.js';

describeRabbitMQ('client and release on RabbitMQ', (broker) => {
  const transports: Transport[] = [];
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
  });
  function connect(): Transport {
    const transport = createAmqpTransport({ url: broker.url });
    transports.push(transport);
    return transport;
  }

  it('an exchange that is missing ends the job, keeps the lines away, and is got over', async () => {
    const client = createClient({ transport: connect(), outputs: true });
    await client.open();
    expect(client.status()).toMatchObject({ open: true, outputs: 'refused' });
    const run = client.send({ step: 'first:X' });
    await expect(run.result).rejects.toMatchObject({ code: 'EXCHANGE_MISSING' });
    await startForeignWorker(connect(), { name: 'first', script: () => [started, completed] });
    await client.open();
    expect(client.status().outputs).toBe('heard');
    expect(await client.send({ step: 'first:X' }).result).toEqual({ status: 'completed' });
    const lost = client.send({ step: 'nobody:X' });
    await expect(lost.result).rejects.toMatchObject({ code: 'JOB_UNDELIVERABLE' });
    await client.close();
  });

  it('a release is played with lines and notifications, and leaves no queue behind', async () => {
    const worker = await startForeignWorker(connect(), {
      name: 'second',
      script: () => [started, { line: 'working' }, completed],
    });
    const transport = connect();
    await transport.open();
    const irc: string[] = [];
    const { queues } = await transport.declare({
      exchanges: [],
      queues: [{ name: '', durable: false, exclusive: true }],
      bindings: [{ exchange: 're', queue: '', routingKey: 'notify.irc' }],
    });
    let all = () => {};
    const told_ = new Promise<void>((resolve) => {
      all = resolve;
    });
    await transport.consume(queues[0]?.name ?? '', {
      noAck: true,
      onDelivery: ({ body }) => {
        irc.push(JSON.parse(new TextDecoder().decode(body)).phase);
        if (irc.length === 4) all();
      },
    });
    const events: ReleaseEvent[] = [];
    const summary = await playRelease({
      transport,
      playbook: playbookOf(
        'group: g\nexecution: [{ hosts: [h1, h2], steps: [second:X: { notify: { started: { irc: [a] }, completed: { irc: [a] } } }] }]',
      ),
      onEvent: (event) => events.push(event),
      lingerMs: 500,
    });
    expect(summary.outcome).toBe('completed');
    expect(told(events).filter((line) => line.startsWith('step'))).toEqual(
      ['second:X@h1', 'second:X@h2'].flatMap((step) => [
        `step.dispatched ${step}`,
        `step.started ${step}`,
        `step.completed ${step}`,
      ]),
    );
    expect(told(events).filter((line) => line.startsWith('output'))).toHaveLength(2);
    await told_;
    expect(irc).toEqual(['started', 'completed', 'started', 'completed']);
    const replyTo = worker.jobs[0]?.properties.replyTo ?? '';
    const [gone] = await transport.check({
      exchanges: [],
      queues: [{ name: replyTo, durable: false }],
      bindings: [],
    });
    expect(gone?.found).toBe('missing');
  });
});
