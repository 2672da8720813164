import { createWorker, defineWorker } from 'needful-worker';
import { createStatelyInspector } from 'needful-worker/inspector';
import { createMemoryBroker } from 'needful-worker/memory';

const greeter = defineWorker({
  name: 'greeter',
  replyTo: 'optional',
  steps: { Greet: { run: () => 'hello' } },
});

// One frame a line: pipe it where you like, or send each over a WebSocket.
const inspector = createStatelyInspector({ send: (frame) => console.log(JSON.stringify(frame)) });

const broker = createMemoryBroker();
const transport = broker.connect();
const worker = createWorker(greeter, { transport, inspect: inspector, outputLevel: 'info' });
await worker.start();

const body = new TextEncoder().encode(JSON.stringify({ parameters: { subcommand: 'Greet' } }));
transport.publish({ exchange: 're', routingKey: 'worker.greeter', body, properties: {}, mandatory: true });
await broker.idle();
await worker.stop();
