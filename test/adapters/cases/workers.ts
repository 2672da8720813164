// Two workers on one queue, one of them busy for long: what waits there goes back, and the idle one does it. For any adapter.
import { expect } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { Transport } from '../../../src/transport.js';
import { createWorker } from '../../../src/worker/create-worker.js';
import { defineWorker } from '../../../src/worker/define-worker.js';
import type { StepContext, Worker } from '../../../src/worker/definition.js';
import { silentLogger } from '../../../src/worker/logger.js';
import { Engine } from '../../worker/engine.js';
import { type Cases, Trace } from '../bus.js';

interface TwoConsumersBus {
  /** Transports that were not opened. */
  connect(): Transport;
  /** A name no queue has. */
  unique(prefix: string): string;
}

/** A clock in the test's hand that tells which timers are set. */
class WatchedClock extends SimulatedClock {
  readonly timers = new Trace<number>();

  override setTimeout(fn: (...args: unknown[]) => void, timeoutMs: number): number {
    this.timers.add(timeoutMs);
    return super.setTimeout(fn, timeoutMs);
  }
}

interface Begun {
  readonly by: string;
  readonly context: StepContext<unknown, unknown>;
  readonly end: (data: unknown) => void;
}

const holdMs = 1234;

/** A delivery that waited `holdMs` for a lane goes back to the queue; the consumer comes back with the first free lane. */
async function longJobBesideIdleWorker(bus: TwoConsumersBus): Promise<void> {
  const queue = bus.unique('held');
  const begun = new Trace<Begun>();
  const start = async (by: string, clock: SimulatedClock) => {
    const run = (context: StepContext<unknown, unknown>) =>
      new Promise<unknown>((end) => begun.add({ by, context, end }));
    const worker = createWorker(defineWorker({ name: queue, steps: { Hold: { run } } }) as Worker, {
      transport: bus.connect(),
      topology: 'declare',
      logger: silentLogger,
      clock,
      holdMs,
    });
    const entered = new Trace<string>();
    worker.subscribe(({ machine, to }) => machine === 'worker' && entered.add(to));
    await worker.start();
    return { worker, entered };
  };
  const clock = new WatchedClock();
  const busy = await start('busy', clock);
  const engine = await new Engine(bus.connect()).open();
  const long = await engine.send(`${queue}:Hold`);
  await begun.first(1);
  const short = await engine.send(`${queue}:Hold`);
  await clock.timers.first(1, (ms) => ms === holdMs);

  const idle = await start('idle', new SimulatedClock());
  clock.increment(holdMs - 1);
  expect(busy.entered.all.at(-1)).toBe('listening.flowing');
  clock.increment(1);
  const [first, second] = await begun.first(2);
  expect([first?.by, second?.by]).toEqual(['busy', 'idle']);
  second?.end('by the idle one');
  expect(await short.final()).toMatchObject({ status: 'completed', data: 'by the idle one' });
  expect(short.statuses).toEqual(['started', 'completed']);
  await busy.entered.first(1, (state) => state === 'listening.full');
  expect(busy.worker.status()).toMatchObject({ ready: false, counts: { received: 1, returned: 1 } });

  await idle.worker.stop();
  first?.end('at last');
  expect(await long.final()).toMatchObject({ status: 'completed', data: 'at last' });
  await busy.entered.first(2, (state) => state === 'listening.flowing');
  expect(busy.entered.all.slice(-4)).toEqual([
    'listening.pausing',
    'listening.full',
    'listening.resuming',
    'listening.flowing',
  ]);
  const next = await engine.send(`${queue}:Hold`);
  (await begun.first(3)).at(-1)?.end('again');
  expect(await next.final()).toMatchObject({ data: 'again' });
  await busy.worker.stop();
  await engine.transport.close();
}

/** What the port is for, seen from a worker on it. */
export const workerCases: Cases = {
  'a delivery that waits behind a long job goes back, an idle worker does it, the consumer comes back':
    async (bus) => {
      let queue = '';
      const unique = (prefix: string) => {
        queue = bus.name(prefix);
        return queue;
      };
      await longJobBesideIdleWorker({ connect: () => bus.client().transport, unique });
      await bus.harness.deleteQueue(`worker.${queue}`);
    },
};
