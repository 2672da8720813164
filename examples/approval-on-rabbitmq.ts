// Runs the worker of approval.ts, and hears on the queue `approvals` what approve.ts says.
import { createWorker } from 'needful-worker';
import { createAmqpTransport } from 'needful-worker/amqp';
import deployer from './approval.js';

const url = process.env.AMQP_URL ?? 'amqp://localhost';
const worker = createWorker(deployer, { transport: createAmqpTransport({ url }), topology: 'declare' });
await worker.start();
worker.subscribe(({ to, correlationId }) => {
  if (to === 'approval') console.log(`${correlationId} waits for approval`);
});

const approvals = createAmqpTransport({ url });
await approvals.open();
await approvals.declare({ exchanges: [], queues: [{ name: 'approvals', durable: true }], bindings: [] });
await approvals.consume('approvals', {
  prefetchCount: 10,
  onDelivery(delivery) {
    const { correlationId = '', type } = delivery.properties;
    const data = Buffer.from(delivery.body).toString();
    const known = type === 'approval.granted' || type === 'approval.refused';
    const taken = known && worker.send(correlationId, { type, data });
    delivery.settle('acknowledge');
    console.log(type, taken ? 'taken' : 'not taken: nobody waits for it');
  },
});
console.log('listening');

process.once('SIGTERM', async () => {
  await worker.stop();
  await approvals.close();
});
