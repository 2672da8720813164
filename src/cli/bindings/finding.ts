// One thing of a topology, and what was found of it on a broker.
import type { BindingSpec, ExchangeSpec, QueueSpec, Topology } from '../../contract/topology.js';

export type Thing =
  | { readonly kind: 'exchange'; readonly spec: ExchangeSpec }
  | { readonly kind: 'queue'; readonly spec: QueueSpec }
  | { readonly kind: 'binding'; readonly spec: BindingSpec };

/** `surplus`: it is not part of the topology, and it makes jobs run twice. */
export type State = 'declared' | 'there' | 'missing' | 'different' | 'surplus' | 'unknown';

export interface Finding {
  readonly thing: Thing;
  /** undefined: nobody looked. */
  readonly state?: State;
  /** The broker's own words, or what cannot be told and why; '' where there is nothing to say. */
  readonly detail: string;
  /** Through what it was looked at; none: nobody looked, or nobody could tell. */
  readonly checkedBy: readonly ('amqp' | 'management')[];
}

/** In the order in which they are declared. */
export function thingsOf({ exchanges, queues, bindings }: Topology): readonly Thing[] {
  return [
    ...exchanges.map((spec): Thing => ({ kind: 'exchange', spec })),
    ...queues.map((spec): Thing => ({ kind: 'queue', spec })),
    ...bindings.map((spec): Thing => ({ kind: 'binding', spec })),
  ];
}

/** What must be mended before jobs run as they should. */
export const isDefect = ({ state }: Finding): boolean =>
  state === 'missing' || state === 'different' || state === 'surplus';
