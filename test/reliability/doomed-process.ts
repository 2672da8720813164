// The process of a worker that ends as by `kill -9`: by its own hand when a lane enters a state or its step begins, else by
// the test's. Its argument is a Sentence as JSON.
import { createWorker } from 'needful-worker';
import { createAmqpTransport } from 'needful-worker/amqp';
import { type Doom, doomedWorker } from './doomed-worker.js';

export interface Sentence extends Doom {
  readonly url: string;
  /** '': the test kills it. `step`: when the step begins. Else the state in which it kills itself. */
  readonly dies: string;
  /** It waits three seconds for a confirm, and no longer. */
  readonly hasty: true | undefined;
}

const sentence = JSON.parse(process.argv[2] ?? '') as Sentence;
const die = () => void process.kill(process.pid, 'SIGKILL');
const lasts = () => {
  if (sentence.dies === 'step') die();
  return new Promise<void>(() => {});
};
const worker = createWorker(doomedWorker(sentence, lasts), {
  transport: createAmqpTransport({ url: sentence.url, name: sentence.name }),
  topology: 'declare',
  ...(sentence.hasty && { replyDeadlineMs: 3000 }),
  deadLetter: { exchange: '', routingKey: sentence.graveyard },
});
worker.subscribe(({ machine, to }) => {
  process.stdout.write(`${machine} ${to}\n`);
  if (machine === 'job' && to === sentence.dies) die();
});
await worker.start();
