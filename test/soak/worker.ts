// A worker process of a soak. Its argument is an Order as JSON. SIGTERM drains it; it says `listens` to the process that
// started it, answers `measure`, and ends with that process.
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  createWorker,
  defineWorker,
  failed,
  type Logger,
  type MessageFormat,
  NeedfulError,
  releaseEngine,
  type Worker,
} from 'needful-worker';
import { createAmqpTransport } from 'needful-worker/amqp';
import { z } from 'zod';
import { lettersOf, type Policy, queueOf } from './kinds.js';
import { openRecord } from './record.js';

export interface Order {
  readonly policy: Policy;
  /** Unique among all worker processes of the soak. */
  readonly name: string;
  /** Of its connection. */
  readonly connection: string;
  readonly url: string;
  readonly lanes: number;
  readonly record: string;
}

/** What `measure` is answered with. */
export interface Measure {
  readonly ready: boolean;
  /** All lanes listen. */
  readonly isIdle: boolean;
  /** After a collection. */
  readonly heapBytes: number;
  /** What keeps the process alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
const record = openRecord(order.record);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let copies = 0;
/** A broker that is killed keeps these replies, and each publish is known from all others. */
const format: MessageFormat = {
  ...releaseEngine,
  encodeReply(reply, sender) {
    const message = releaseEngine.encodeReply(reply, sender);
    const headers = { copy: `${order.name}-${++copies}` };
    return { ...message, properties: { ...message.properties, persistent: true, headers } };
  },
};

const definition = defineWorker({
  name: queueOf(order.policy),
  acknowledge: order.policy,
  format,
  steps: {
    Do: {
      parameters: z.object({ n: z.number(), kind: z.string(), ms: z.number() }),
      retry: { attempts: 2, backoffMs: 20 },
      async run({ parameters: { n, kind, ms }, attempt, signal, correlationId, output }) {
        if (attempt === 1) record.begun(correlationId);
        if (n % 10 === 0) output.info(`job ${n}`);
        if (ms > 0) await delay(ms, undefined, { signal });
        if (kind === 'failing') return failed(n, { final: true });
        if (kind === 'retried' && attempt === 1) throw new Error('once more');
        return n;
      },
    },
  },
});

const worker = createWorker(definition as Worker, {
  transport: createAmqpTransport({ url: order.url, name: order.connection, heartbeatSeconds: 2 }),
  concurrency: order.lanes,
  topology: 'check',
  connectDeadlineMs: 3_600_000,
  deadLetter: { exchange: '', routingKey: lettersOf(order.policy) },
  logger: warnings(),
});
worker.subscribe(({ machine, lane, to, correlationId }) => {
  if (machine === 'job') record.state(lane ?? 0, to, correlationId);
  else if (to === 'reconnecting') record.disconnected();
});

process.once('SIGTERM', async () => {
  const { error } = await worker.stop();
  if (error) say(`ended: ${error.message}`);
  const cutShort = error instanceof NeedfulError && error.code === 'DRAIN_DEADLINE_PASSED';
  process.exit(error === undefined ? 0 : cutShort ? 75 : 70);
});
process.on('disconnect', () => process.exit(1));
// It ended before anybody could hear it.
if (!process.connected) process.exit(1);
process.on('message', () => {
  collect();
  const { ready, lanes } = worker.status();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const isIdle = lanes.every(({ state }) => state === 'listening');
  const measure: Measure = { ready, isIdle, heapBytes: process.memoryUsage().heapUsed, resources };
  process.send?.(measure);
});
await worker.start();
process.send?.('listens');

function warnings(fields: object = {}): Logger {
  const write = (level: string) => (more: object, message: string) =>
    say(`${level} ${message} ${JSON.stringify({ ...fields, ...more })}`);
  const ignore = () => {};
  return {
    debug: ignore,
    // Before the delivery is in any state.
    info: (more, message) => {
      if (message === 'a job comes again')
        record.comesAgain((more as { correlationId: string }).correlationId);
    },
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: (more) => warnings({ ...fields, ...more }),
  };
}

function say(line: string): void {
  writeSync(2, `${new Date().toISOString()} ${order.name} ${line}\n`);
}
