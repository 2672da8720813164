import { createClient, createWorker, defineWorker } from 'needful-worker';
import { createMemoryBroker } from 'needful-worker/memory';
import { z } from 'zod';

const greet = defineWorker({
  name: 'greet',
  steps: {
    Hello: {
      parameters: z.object({ who: z.string() }),
      run: ({ parameters }) => `Hello, ${parameters.who}!`,
    },
  },
});

const broker = createMemoryBroker(); // in this process; one line changes for RabbitMQ
const worker = createWorker(greet, { transport: broker.connect() });
worker.subscribe(({ machine, from, to }) => machine === 'job' && console.log(`${from} -> ${to}`));
await worker.start();

const client = createClient({ transport: broker.connect() });
await client.open();
console.log(await client.send(greet, { step: 'Hello', parameters: { who: 'world' } }).result);

await client.close();
await worker.stop();
