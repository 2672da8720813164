// Stories of a bus for the protocol's judge: what good workers make seen, and how to spoil it.
import fc from 'fast-check';
import type { BusEvent } from '../../src/contract/bus-event.js';
import type { Address } from '../../src/contract/message-format.js';

export const kinds = [
  'early',
  'late',
  'failing',
  'invalid early',
  'invalid late',
  'gone',
  'given back',
  'lost',
  'mute',
] as const;
export type Kind = (typeof kinds)[number];

let count = 0;
const next = () => ++count;

export const delivered = (address: Address, delivery: number, valid = true): BusEvent => ({
  type: 'delivered',
  address,
  delivery,
  channel: 'a',
  valid,
});

export const settled = (delivery: number, how: 'acknowledge' | 'requeue' | 'reject' | 'lost'): BusEvent => ({
  type: 'settled',
  delivery,
  channel: 'a',
  how,
});

export const reply = (address: Address, status: 'started' | 'completed' | 'failed'): BusEvent => ({
  type: 'reply',
  address,
  appId: 'noopworker',
  messageId: `m${next()}`,
  status,
  returned: false,
});

export const line = ({ correlationId }: Address, type: 'output' | 'notification' = 'output'): BusEvent => ({
  type,
  correlationId,
  appId: 'noopworker',
});

/** What is seen of one job of this kind, in order. */
export function story(kind: Kind, address: Address): readonly BusEvent[] {
  const delivery = next();
  const [given, invalid] = [delivered(address, delivery), delivered(address, delivery, false)];
  const [acked, started] = [settled(delivery, 'acknowledge'), reply(address, 'started')];
  const [completed, failed, said] = [reply(address, 'completed'), reply(address, 'failed'), line(address)];
  switch (kind) {
    case 'early':
      return [given, said, acked, started, line(address, 'notification'), said, completed];
    case 'late':
      return [given, said, started, said, completed, acked];
    case 'failing':
      return [given, acked, started, said, failed];
    case 'invalid early':
      return [invalid, acked, said, failed];
    case 'invalid late':
      return [invalid, failed, settled(delivery, 'reject')];
    case 'gone':
      return [given, acked, { ...started, returned: true } as BusEvent, said];
    case 'given back':
      return [given, settled(delivery, 'requeue'), ...story('early', address)];
    case 'lost':
      return [given, started, settled(delivery, 'lost'), said, ...story('late', address)];
    case 'mute':
      return [
        delivered({ replyTo: null, correlationId: address.correlationId }, delivery, false),
        acked,
        said,
      ];
  }
}

/** Releases: each a chain of jobs under an address of its own. */
export const chains = (from: readonly Kind[] = kinds) =>
  fc
    .array(fc.array(fc.constantFrom(...from), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    .map((releases) =>
      releases.map((jobs, n) => {
        const address = { replyTo: `reply.${n}`, correlationId: `release ${n}` };
        return jobs.flatMap((kind) => story(kind, address));
      }),
    );

/** The chains, woven into one story by a seed; each keeps its own order. */
export function woven<T>(chains: readonly (readonly T[])[], seed: readonly number[]): readonly T[] {
  const rest = chains.map((chain) => [...chain]);
  const all: T[] = [];
  for (let i = 0; rest.some((chain) => chain.length > 0); i++) {
    const left = rest.filter((chain) => chain.length > 0);
    const event = left[(seed[i % seed.length] ?? 0) % left.length]?.shift();
    if (event !== undefined) all.push(event);
  }
  return all;
}

export const seed = fc.array(fc.nat(100), { minLength: 1, maxLength: 60 });

const isFinal = (event: BusEvent | undefined) =>
  event?.type === 'reply' && !event.returned && event.status !== 'started';

const isReject = (event: BusEvent | undefined) => event?.type === 'settled' && event.how === 'reject';

/** One fault put into a chain at a place that a number chooses; undefined where the chain has no such place. */
export const faults = {
  // Of a dead-lettered job it may be missing, and the reply to a later one may be taken for it.
  'a final reply is missing': at(
    (event, chain, i) => isFinal(event) && !isReject(chain[i + 1]) && isLastJob(chain, i),
    () => [],
  ),
  'a final reply comes twice': at(isFinal, (event) => [
    event,
    { ...event, messageId: `m${next()}` } as BusEvent,
  ]),
  'a final reply comes twice with one message id': at(isFinal, (event) => [event, event]),
  'started comes twice': at(
    (event) => event.type === 'reply' && event.status === 'started' && !event.returned,
    (event) => [event, event],
  ),
  'started is missing before completed': at(
    (event, chain, i) => event.type === 'reply' && event.status === 'started' && completes(chain, i),
    () => [],
  ),
  'started comes after completed': at(
    (event) => event.type === 'reply' && event.status === 'completed',
    (event) => [event, { ...event, status: 'started', messageId: `m${next()}` } as BusEvent],
  ),
  'a line comes after the last final reply': (chain: readonly BusEvent[]) => {
    // A job that nobody waits for may say what it likes, and says it under the same correlation id.
    if (chain.some((event) => event.type === 'delivered' && event.address.replyTo === null)) return undefined;
    const last = chain.findLast((event) => event.type === 'output');
    return last !== undefined && isFinal(chain.findLast((event) => event.type === 'reply'))
      ? [...chain, last]
      : undefined;
  },
  'a delivery is settled twice': at(
    (event) => event.type === 'settled',
    (event) => [event, event],
  ),
  'a delivery is settled on another channel': at(
    (event) => event.type === 'settled',
    (event) => [{ ...event, channel: 'b' } as BusEvent],
  ),
  'a delivery is not settled': at(
    (event) => event.type === 'settled' && event.how === 'acknowledge',
    () => [],
  ),
  'an invalid job is requeued': at(
    (event, chain) =>
      event.type === 'settled' &&
      chain.some((other) => other.type === 'delivered' && other.delivery === event.delivery && !other.valid),
    (event) => [{ ...event, how: 'requeue' } as BusEvent],
  ),
} as const satisfies Record<
  string,
  (chain: readonly BusEvent[], n: number) => readonly BusEvent[] | undefined
>;

function isLastJob(chain: readonly BusEvent[], from: number): boolean {
  return !chain.slice(from).some((event) => event.type === 'delivered');
}

function completes(chain: readonly BusEvent[], from: number): boolean {
  const after = chain.slice(from + 1).find((event) => event.type === 'reply' || event.type === 'delivered');
  return after?.type === 'reply' && after.status === 'completed';
}

function at(
  fits: (event: BusEvent, chain: readonly BusEvent[], i: number) => boolean,
  put: (event: BusEvent) => readonly BusEvent[],
) {
  return (chain: readonly BusEvent[], n: number): readonly BusEvent[] | undefined => {
    const places = chain.flatMap((event, i) => (fits(event, chain, i) ? [i] : []));
    const place = places[n % places.length];
    const event = place === undefined ? undefined : chain[place];
    if (place === undefined || event === undefined) return undefined;
    return [...chain.slice(0, place), ...put(event), ...chain.slice(place + 1)];
  };
}
