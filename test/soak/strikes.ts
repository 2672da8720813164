// What befalls workers and broker in a soak, in an order that the seed fixes: each deck of cards has all of it, shuffled.
import { below, createRandom, type Random } from '../../src/testing/simulator/random.js';

const deck = {
  /** SIGKILL of a worker; another one is started. */
  kill: 9,
  /** SIGTERM of a worker, and its end awaited; another one is started. */
  drain: 3,
  /** An operator closes a worker's connection. */
  close: 5,
  /** Its connection is reset. */
  reset: 3,
  /** Its connection is ended as by a firewall. */
  finish: 2,
  /** Its cable is cut, one way or both: no FIN, no RST. */
  freeze: 3,
  /** It is stopped by SIGSTOP for longer than its heartbeat. */
  suspend: 2,
  /** The broker takes nothing for three seconds. */
  alarm: 1,
  /** SIGKILL of the broker, which is started again. */
  crash: 1,
  /** The broker is stopped in good order, and started again. */
  restart: 1,
} as const;

export type StrikeKind = keyof typeof deck;
export const strikeKinds = Object.keys(deck) as readonly StrikeKind[];

export interface Strike {
  readonly kind: StrikeKind;
  /** Milliseconds before it. */
  readonly pauseMs: number;
  /** 0 <= x < 1: which worker, and what else it has to choose. */
  readonly worker: number;
  readonly choice: number;
}

/** For ever. */
export function* strikes(seed: number): Generator<Strike> {
  const random = createRandom(seed);
  for (;;) {
    const kinds = shuffled(
      strikeKinds.flatMap((kind) => Array.from({ length: deck[kind] }, () => kind)),
      random,
    );
    for (const kind of kinds)
      yield { kind, pauseMs: Math.floor(200 + random() * 1600), worker: random(), choice: random() };
  }
}

function shuffled<T>(cards: readonly T[], random: Random): readonly T[] {
  const left = [...cards];
  return cards.flatMap(() => left.splice(below(random, left.length), 1));
}
