// A second process says yes or no: node approve.js <correlation id> [why not].
import { createAmqpTransport } from 'needful-worker/amqp';

const [correlationId = '', refusal] = process.argv.slice(2);
const type = refusal === undefined ? 'approval.granted' : 'approval.refused';
const transport = createAmqpTransport({ url: process.env.AMQP_URL ?? 'amqp://localhost' });
await transport.open();
const outcome = await new Promise((resolve) =>
  transport.publish(
    {
      exchange: '', // straight to the queue of that name
      routingKey: 'approvals',
      body: Buffer.from(refusal ?? ''),
      properties: { correlationId, type },
      mandatory: true,
    },
    resolve,
  ),
);
console.log(type, outcome);
await transport.close();
