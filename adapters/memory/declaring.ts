// Declaring and checking a topology on the embedded broker, with the refusals and the words of RabbitMQ.
import { NeedfulError } from '../../src/contract/errors.js';
import type {
  BindingSpec,
  Difference,
  ExchangeSpec,
  QueueSpec,
  Topology,
} from '../../src/contract/topology.js';
import type { Queue } from './queue.js';
import type { VirtualHost } from './virtual-host.js';

/** `owner` is the connection that declares; null: the control object, which owns no exclusive queue. */
export function declare(
  host: VirtualHost,
  { topology, owner }: { readonly topology: Topology; readonly owner: object | null },
): Topology {
  for (const spec of topology.exchanges) declareExchange(host, spec);
  const queues: QueueSpec[] = [];
  let chosen = '';
  for (const spec of topology.queues) {
    const { name } = declareQueue(host, { spec, owner });
    if (spec.name === '') chosen ||= name;
    queues.push({ ...spec, name });
  }
  const bindings = topology.bindings.map((b) => (b.queue === '' ? { ...b, queue: chosen } : b));
  for (const binding of bindings) bind(host, { binding, owner });
  return { exchanges: topology.exchanges, queues, bindings };
}

/** Changes nothing. A passive declare tells whether a thing is there, not how it was declared. */
export function check(
  host: VirtualHost,
  { topology, owner }: { readonly topology: Topology; readonly owner: object | null },
): readonly Difference[] {
  const differences: Difference[] = [];
  for (const { name } of topology.exchanges) {
    if (name === '' || host.exchanges.has(name)) continue;
    differences.push({ kind: 'exchange', name, found: 'missing', detail: noSuch('exchange', name) });
  }
  for (const { name } of topology.queues) {
    if (name === '') continue;
    const queue = host.queues.get(name);
    if (!queue) differences.push({ kind: 'queue', name, found: 'missing', detail: noSuch('queue', name) });
    else if (isLocked(queue, owner)) {
      differences.push({ kind: 'queue', name, found: 'different', detail: locked(name) });
    }
  }
  return differences;
}

export function isLocked(queue: Queue, owner: object | null): boolean {
  return queue.owner !== null && queue.owner !== owner;
}

export const locked = (queue: string): string =>
  `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '/'`;

export const noSuch = (kind: 'exchange' | 'queue', name: string): string =>
  `NOT_FOUND - no ${kind} '${name}' in vhost '/'`;

function declareExchange(host: VirtualHost, spec: ExchangeSpec): void {
  if (spec.type === 'headers') {
    throw new NeedfulError(
      'OPTION_INVALID',
      `The embedded broker has topic, direct and fanout exchanges; '${spec.name}' is of type headers. Use RabbitMQ for it.`,
    );
  }
  const existing = host.exchanges.get(spec.name)?.spec;
  if (existing) {
    for (const key of ['type', 'durable'] as const) {
      if (spec[key] !== existing[key])
        throw inequivalent(`exchange '${spec.name}'`, { key, was: existing[key], is: spec[key] });
    }
    return;
  }
  refuseReserved('exchange', spec.name);
  host.addExchange(spec);
}

function declareQueue(
  host: VirtualHost,
  { spec, owner }: { readonly spec: QueueSpec; readonly owner: object | null },
): Queue {
  const existing = spec.name === '' ? undefined : host.queues.get(spec.name);
  if (!existing) {
    if (spec.name !== '') refuseReserved('queue', spec.name);
    return host.addQueue(spec, spec.exclusive ? owner : null);
  }
  if (isLocked(existing, owner)) throw new NeedfulError('ACCESS_REFUSED', locked(spec.name));
  const was = comparable(existing.spec);
  const is = comparable(spec);
  for (const key of Object.keys(is) as (keyof typeof is)[]) {
    if (was[key] !== is[key]) throw inequivalent(`queue '${spec.name}'`, { key, was: was[key], is: is[key] });
  }
  return existing;
}

function comparable(spec: QueueSpec) {
  return {
    durable: spec.durable,
    exclusive: spec.exclusive ?? false,
    auto_delete: spec.autoDelete ?? false,
    arguments: JSON.stringify(Object.entries(spec.arguments ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function bind(
  host: VirtualHost,
  { binding, owner }: { readonly binding: BindingSpec; readonly owner: object | null },
): void {
  const queue = host.queues.get(binding.queue);
  if (!queue) throw new NeedfulError('QUEUE_MISSING', noSuch('queue', binding.queue));
  if (isLocked(queue, owner)) throw new NeedfulError('ACCESS_REFUSED', locked(queue.name));
  if (binding.exchange === '') {
    throw new NeedfulError(
      'ACCESS_REFUSED',
      'ACCESS_REFUSED - operation not permitted on the default exchange',
    );
  }
  const exchange = host.exchanges.get(binding.exchange);
  if (!exchange) throw new NeedfulError('EXCHANGE_MISSING', noSuch('exchange', binding.exchange));
  exchange.bind(queue, binding.routingKey);
}

function refuseReserved(kind: 'exchange' | 'queue', name: string): void {
  if (name !== '' && !name.startsWith('amq.')) return;
  throw new NeedfulError(
    'ACCESS_REFUSED',
    `ACCESS_REFUSED - ${kind} name '${name}' contains reserved prefix 'amq.*'`,
  );
}

function inequivalent(
  what: string,
  { key, was, is }: { readonly key: string; readonly was: unknown; readonly is: unknown },
): NeedfulError {
  return new NeedfulError(
    'TOPOLOGY_DIFFERENT',
    `PRECONDITION_FAILED - inequivalent arg '${key}' for ${what} in vhost '/': received '${is}' but current is '${was}'`,
  );
}
