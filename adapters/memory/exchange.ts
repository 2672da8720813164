// An exchange: bindings, and which queues a routing key reaches by them.
import type { ExchangeSpec } from '../../src/contract/topology.js';
import type { Queue } from './queue.js';

/** Routes remembered per exchange; keys may be endless (one per release), memory is not. */
const rememberedRoutes = 1_000;

export class Exchange {
  readonly spec: ExchangeSpec;
  readonly #bindings: {
    readonly key: string;
    readonly queue: Queue;
    readonly matches: (key: string) => boolean;
  }[] = [];
  readonly #routes = new Map<string, readonly Queue[]>();

  constructor(spec: ExchangeSpec) {
    this.spec = spec;
  }

  bind(queue: Queue, key: string): void {
    if (this.#bindings.some((binding) => binding.queue === queue && binding.key === key)) return;
    this.#bindings.push({ key, queue, matches: matcher(this.spec.type, key) });
    this.#routes.clear();
  }

  unbind(queue: Queue): void {
    for (let i = this.#bindings.length - 1; i >= 0; i--) {
      if (this.#bindings[i]?.queue === queue) this.#bindings.splice(i, 1);
    }
    this.#routes.clear();
  }

  /** Every queue once, however many of its bindings match. */
  route(key: string): readonly Queue[] {
    const known = this.#routes.get(key);
    if (known) return known;
    const found = new Set<Queue>();
    for (const binding of this.#bindings) if (binding.matches(key)) found.add(binding.queue);
    if (this.#routes.size >= rememberedRoutes) this.#routes.clear();
    const route = [...found];
    this.#routes.set(key, route);
    return route;
  }
}

function matcher(type: ExchangeSpec['type'], pattern: string): (key: string) => boolean {
  if (type === 'fanout') return () => true;
  if (type === 'direct' || !/[*#]/.test(pattern)) return (key) => key === pattern;
  const words = pattern.split('.');
  return (key) => matchesTopic(words, key.split('.'));
}

/** `*` stands for one word, `#` for any number of them, none included. */
export function matchesTopic(pattern: readonly string[], words: readonly string[]): boolean {
  // After each word of the pattern: reached[n] says that it can have used up the first n words of the key.
  let reached = Array.from({ length: words.length + 1 }, (_, n) => n === 0);
  for (const word of pattern) {
    let any = false;
    reached = reached.map((here, n) => {
      any ||= here;
      if (word === '#') return any;
      return n > 0 && reached[n - 1] === true && (word === '*' || word === words[n - 1]);
    });
  }
  return reached[words.length] === true;
}
