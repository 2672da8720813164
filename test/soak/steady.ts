// Very many jobs through one worker on the embedded broker, in this process: its heap at the end is that of the beginning.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createWorker, defineWorker, releaseEngine, silentLogger } from 'needful-worker';
import { createMemoryBroker } from 'needful-worker/memory';

export interface SteadyReport {
  readonly jobs: number;
  readonly seconds: number;
  /** After each tenth of the jobs, after a collection. */
  readonly heapBytes: readonly number[];
  readonly passed: boolean;
}

/** Jobs that wait for an answer, at most. */
const windowCount = 100;
const slackBytes = 2 * 2 ** 20;

export async function runSteady(jobs: number): Promise<SteadyReport> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const broker = createMemoryBroker();
  const definition = defineWorker({ name: 'steady', steps: { Do: { run: () => 1 } } });
  const transport = broker.connect();
  const worker = createWorker(definition, { transport, concurrency: 4, logger: silentLogger });
  await worker.start();
  const engine = broker.connect();
  await engine.open();
  await engine.declare({ exchanges: [], queues: [{ name: 'replies', durable: false }], bindings: [] });
  const heapBytes: number[] = [];
  let [sent, answered] = [0, 0];
  const began = Date.now();
  await new Promise<void>((resolve) => {
    const send = () => {
      while (sent < jobs && sent - answered < windowCount) {
        sent += 1;
        const address = { replyTo: 'replies', correlationId: `${sent}` };
        engine.publish(releaseEngine.encodeJob({ step: 'steady:Do' }, address), () => {});
      }
    };
    const hear: Hear = (delivery) => {
      const reply = releaseEngine.decodeReply(delivery);
      if (reply.ok && reply.value.status === 'started') return;
      answered += 1;
      if (answered % Math.ceil(jobs / 10) === 0) {
        collect();
        heapBytes.push(process.memoryUsage().heapUsed);
      }
      if (answered === jobs) resolve();
      else send();
    };
    void engine.consume('replies', { noAck: true, onDelivery: hear }).then(send);
  });
  const seconds = (Date.now() - began) / 1000;
  const { counts } = await worker.stop();
  await engine.close();
  const [first = 0, ...later] = heapBytes;
  const passed = counts.completed === jobs && Math.max(0, ...later) <= first + slackBytes;
  return { jobs, seconds, heapBytes, passed };
}

type Hear = (delivery: Parameters<typeof releaseEngine.decodeReply>[0]) => void;

export function steadyLines({ jobs, seconds, heapBytes, passed }: SteadyReport): readonly string[] {
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  return [
    `${jobs} jobs in ${seconds.toFixed(0)} s, ${Math.round(jobs / seconds)} a second`,
    `heap in MiB after each tenth of them: ${heapBytes.map(mebibytes).join(' ')}`,
    passed ? 'all were completed, and the heap did not grow' : 'some were not completed, or the heap grew',
  ];
}
