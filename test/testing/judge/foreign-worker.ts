// Workers of others on the embedded broker, each wrong in one way, and a judge whose time passes when the broker has nothing to do.
import { createMemoryBroker, type MemoryBroker } from '../../../adapters/memory/index.js';
import type { Clock } from '../../../src/clock.js';
import { encodeText } from '../../../src/contract/json-body.js';
import type { Properties } from '../../../src/contract/message.js';
import { workerTopology } from '../../../src/contract/names.js';
import { type Check, type JudgeOptions, judgeWorker } from '../../../src/testing/judge/index.js';
import type { Delivery, Transport } from '../../../src/transport.js';

/** What a worker of others has at hand for one delivery. */
export interface Desk {
  readonly delivery: Delivery;
  /** undefined: the body is no job. */
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  /** As the original's workers send them, but for what `differently` says. */
  reply(status: string, differently?: Differently): void;
  output(line: string): void;
  /** Ends the connection, as death does. */
  die(): void;
}

export interface Differently {
  readonly properties?: Properties;
  readonly exchange?: string;
  readonly body?: string;
}

export type ForeignWorker = (desk: Desk) => void;

/** Right in everything: takes the parameter `who`, a string. */
export const right: ForeignWorker = ({ delivery, parameters, reply, output }) => {
  delivery.settle('acknowledge');
  if (typeof parameters?.who !== 'string') return reply('failed');
  reply('started');
  output('Hello');
  reply('completed');
};

/** `right`, but for the messages that `isWrong` takes. */
export function rightBut(isWrong: (desk: Desk) => boolean, wrong: ForeignWorker): ForeignWorker {
  return (desk) => (isWrong(desk) ? wrong(desk) : right(desk));
}

export async function judged(
  worker: ForeignWorker | null,
  options: Partial<JudgeOptions> & {
    readonly before?: (broker: MemoryBroker) => unknown;
    exchange?: boolean;
  } = {},
) {
  const broker = createMemoryBroker();
  const { exchanges, queues, bindings } = workerTopology('greeter');
  broker.declare(
    options.exchange === false ? { exchanges: [], queues, bindings: [] } : { exchanges, queues, bindings },
  );
  const transport = broker.connect({ name: 'judge' });
  await transport.open();
  const working = broker.connect({ name: 'worker' });
  await working.open();
  if (worker !== null) await consume(working, { worker, die: () => broker.cut('worker') });
  await options.before?.(broker);
  const counts = () =>
    broker.queue('worker.greeter') ?? { readyCount: 0, consumerCount: 0, unsettledCount: 0 };
  const judgement = await judgeWorker({
    transport,
    queue: 'worker.greeter',
    job: { step: 'greeter:Hello', parameters: { who: 'world' } },
    invalid: [],
    look: async () => counts(),
    unacknowledged: async () => {
      await broker.idle();
      return counts().unsettledCount;
    },
    clock: clockOf(broker),
    ...options,
  });
  await Promise.all([transport.close(), working.close()]);
  return { ...judgement, codes: codesOf(judgement.checks) };
}

/** The code with the names of the checks that found it. */
export function codesOf(checks: readonly Check[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const { name, findings } of checks) {
    for (const { code, severity } of findings) {
      if (severity === 'info' && code === 'COMPLETED_ANYWAY') continue;
      found[code] = [...(found[code] ?? []), name];
    }
  }
  return found;
}

async function consume(
  transport: Transport,
  { worker, die }: { readonly worker: ForeignWorker; readonly die: () => void },
): Promise<void> {
  const publish = (exchange: string, routingKey: string, body: string, properties: Properties) =>
    transport.publish({ exchange, routingKey, body: encodeText(body), properties, mandatory: false });
  await transport.consume('worker.greeter', {
    prefetchCount: 100,
    onDelivery: (delivery) => {
      const { correlationId, replyTo } = delivery.properties;
      const mine = {
        appId: 'greeterworker',
        replyTo: 'log',
        ...(correlationId === undefined ? {} : { correlationId }),
      };
      worker({
        delivery,
        parameters: parametersOf(delivery.body),
        reply: (status, { properties = {}, exchange = '', body } = {}) => {
          if (replyTo === undefined) return;
          publish(exchange, replyTo, body ?? JSON.stringify({ status }), { ...mine, ...properties });
        },
        output: (message) => publish('re', 'output', JSON.stringify({ message }), mine),
        die,
      });
    },
  });
}

function parametersOf(body: Uint8Array): Desk['parameters'] {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)).parameters ?? undefined;
  } catch {
    return undefined;
  }
}

/** Time that passes only when the broker has nothing left to do. */
function clockOf(broker: MemoryBroker): Clock {
  let now = 0;
  return {
    now: () => now,
    setTimeout(fn, timeoutMs) {
      const timer = { isOn: true };
      void broker.idle().then(() => {
        if (!timer.isOn) return;
        now += timeoutMs;
        fn();
      });
      return timer;
    },
    clearTimeout(timer) {
      (timer as { isOn: boolean }).isOn = false;
    },
  };
}
