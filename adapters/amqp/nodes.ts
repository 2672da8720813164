// The nodes of a cluster in turn: an attempt goes once round all of them and begins behind the one that was lost.
import { NeedfulError } from '../../src/contract/errors.js';
import type { BrokerAddress } from './address.js';

export class Nodes {
  readonly #all: readonly BrokerAddress[];
  #next = 0;

  constructor(address: BrokerAddress) {
    const { others = [], ...first } = address;
    this.#all = [first, ...others.map((node) => ({ ...first, ...node }))];
  }

  /** Resolves with what the first node that can be used gave; rejects with a NeedfulError that tells of all. */
  async reach<T>(attempt: (node: BrokerAddress) => Promise<T>, signal: AbortSignal): Promise<T> {
    const failures: unknown[] = [];
    for (const at of this.#round()) {
      try {
        const reached = await attempt(at);
        this.#next = (this.#all.indexOf(at) + 1) % this.#all.length;
        return reached;
      } catch (error) {
        failures.push(error);
        if (signal.aborted) break;
      }
    }
    throw summary(failures);
  }

  #round(): readonly BrokerAddress[] {
    return [...this.#all.slice(this.#next), ...this.#all.slice(0, this.#next)];
  }
}

/** Trying again makes sense where one node says so: only a human can help where all of them refuse. */
function summary(failures: readonly unknown[]): unknown {
  const [first] = failures;
  const passing = failures.filter((error) => error instanceof NeedfulError && error.retry);
  if (failures.length === 1 || passing.length === 0) return first;
  const all = failures.map((error) => (error instanceof Error ? error.message : String(error))).join(' ');
  return new NeedfulError('BROKER_UNREACHABLE', `No node of the cluster can be used. ${all}`, {
    cause: passing[0],
    retry: true,
  });
}
