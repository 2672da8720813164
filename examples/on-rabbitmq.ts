import { createWorker } from 'needful-worker';
import { createAmqpTransport } from 'needful-worker/amqp';
import greeter from './greeter.js';

const url = process.env.AMQP_URL ?? 'amqp://localhost';
const worker = createWorker(greeter, { transport: createAmqpTransport({ url }), topology: 'declare' });
await worker.start();
console.log(worker.status().state, worker.status().queue);
await worker.stop();
