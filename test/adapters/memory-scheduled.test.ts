// The port's promises hold whatever a scheduler does first: what AMQP keeps in order stays in order in every one.
import { createSimulatedBroker, type Scheduler } from '../../adapters/memory/index.js';
import { conformance } from './conformance.js';

/** Takes any piece of work that is due; which one is fixed by the seed. */
class AnyOrder implements Scheduler {
  readonly #due: (() => void)[] = [];
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  later(work: () => void): void {
    this.#due.push(work);
    setImmediate(() => {
      this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
      const [chosen] = this.#due.splice(Math.floor((this.#state / 2 ** 32) * this.#due.length), 1);
      chosen?.();
    });
  }
}

const systemClock = {
  setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms),
  clearTimeout: (id: unknown) => clearTimeout(id as NodeJS.Timeout),
};

for (const seed of [1, 2, 3]) {
  conformance(`the embedded broker under scheduler ${seed}`, async () => {
    const broker = createSimulatedBroker({ clock: systemClock, scheduler: new AnyOrder(seed) });
    let named = 0;
    return {
      connect: (name) => broker.connect(name === undefined ? {} : { name }),
      cut: async (name) => broker.cut(name),
      block: async () => broker.block(),
      unblock: async () => broker.unblock(),
      deleteQueue: async (name) => void broker.deleteQueue(name),
      queue: async (name) => broker.queue(name),
      unique: (prefix) => `${prefix}-${++named}`,
      stop: async () => broker.cut(),
    };
  });
}
