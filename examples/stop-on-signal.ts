// Drains on SIGTERM, gives up on a second one, and exits with the code of `needful run`.
import process from 'node:process';
import { createWorker, NeedfulError } from 'needful-worker';
import { createAmqpTransport } from 'needful-worker/amqp';
import greeter from './greeter.js';

const url = process.env.AMQP_URL ?? 'amqp://localhost';
const worker = createWorker(greeter, { transport: createAmqpTransport({ url }), topology: 'declare' });
let signals = 0;
process.on('SIGTERM', () => {
  signals += 1;
  void worker.stop(signals === 1 ? {} : { deadlineMs: 0 });
});
await worker.start();
console.log('listening');
const { error } = await worker.ended;
if (error !== undefined) {
  console.error(error.message);
  process.exitCode = error instanceof NeedfulError ? error.exit : 1;
}
