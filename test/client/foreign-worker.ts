// A worker that shares nothing with Needful's: it consumes a queue and answers what a script says, byte for byte.
import type { MemoryBroker } from '../../adapters/memory/index.js';
import type { Delivery, Properties, Transport } from '../../src/transport.js';

/** What is sent back for one job: a body as JSON, or text as it is; `line`: an output line. */
export type Answer =
  | { readonly body?: unknown; readonly text?: string; readonly properties?: Properties }
  | { readonly line: unknown };

export interface SeenJob {
  readonly body: {
    readonly group?: string;
    readonly parameters: Record<string, unknown>;
    readonly [key: string]: unknown;
  };
  readonly properties: Properties;
  readonly routingKey: string;
}

export interface ForeignWorker {
  readonly jobs: readonly SeenJob[];
  readonly transport: Transport;
  /** Answers a job later, by hand. */
  answer(job: SeenJob, ...answers: readonly Answer[]): void;
  /** Resolves when the job of that number, from 0, has come. */
  job(index: number): Promise<SeenJob>;
}

export const started: Answer = { body: { status: 'started' } };
export const completed: Answer = { body: { status: 'completed' } };
export const failed: Answer = { body: { status: 'failed' } };

const topologyOf = (name: string) => ({
  exchanges: [{ name: 're', type: 'topic' as const, durable: true }],
  queues: [{ name: `worker.${name}`, durable: true }],
  bindings: [{ exchange: 're', queue: `worker.${name}`, routingKey: `worker.${name}` }],
});

export function declareWorkerQueue(broker: MemoryBroker, name: string): void {
  broker.declare(topologyOf(name));
}

/** On the embedded broker, or on a transport that was not opened. */
export async function startForeignWorker(
  place: MemoryBroker | Transport,
  { name, script }: { readonly name: string; readonly script: (job: SeenJob) => readonly Answer[] },
): Promise<ForeignWorker> {
  const transport = 'connect' in place ? place.connect({ name: `foreign-${name}` }) : place;
  await transport.open();
  await transport.declare(topologyOf(name));
  const jobs: SeenJob[] = [];
  const waiting: (() => void)[] = [];

  function answer(job: SeenJob, ...answers: readonly Answer[]): void {
    for (const one of answers) transport.publish(messageOf(job, one));
  }

  await transport.consume(`worker.${name}`, {
    prefetchCount: 100,
    onDelivery: (delivery) => {
      delivery.settle('acknowledge');
      const job = read(delivery);
      jobs.push(job);
      answer(job, ...script(job));
      for (const resolve of waiting.splice(0)) resolve();
    },
  });
  return {
    jobs,
    transport,
    answer,
    async job(index) {
      for (;;) {
        const job = jobs[index];
        if (job !== undefined) return job;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

function read({ body, properties, routingKey }: Delivery): SeenJob {
  return { body: JSON.parse(new TextDecoder().decode(body)), properties, routingKey };
}

function messageOf(job: SeenJob, answer: Answer) {
  const { correlationId, replyTo } = job.properties;
  const own = { ...(correlationId === undefined ? {} : { correlationId }), replyTo: 'log', appId: 'foreign' };
  const isLine = 'line' in answer;
  const text = isLine
    ? JSON.stringify({ message: answer.line })
    : (answer.text ?? JSON.stringify(answer.body));
  return {
    exchange: isLine ? 're' : '',
    routingKey: isLine ? 'output' : (replyTo ?? ''),
    body: new TextEncoder().encode(text),
    properties: isLine ? own : { ...own, ...answer.properties },
    mandatory: false,
  };
}
