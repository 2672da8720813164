// Compares through RabbitMQ's management API, which knows arguments and bindings, also those that make a job run twice.
import { NeedfulError } from '../../contract/errors.js';
import { outputKey } from '../../contract/names.js';
import type { BindingSpec, Topology } from '../../contract/topology.js';
import type { ManagementAddress } from '../settings/management.js';
import { type Finding, type Thing, thingsOf } from './finding.js';

export interface Management {
  /** Rejects with BROKER_UNREACHABLE or ACCESS_REFUSED. */
  check(topology: Topology): Promise<readonly Finding[]>;
  /** Of one moment in the last seconds, for RabbitMQ counts now and then; null: not counted yet. Rejects as `check` does. */
  counts(queue: string): Promise<QueueCounts | null>;
}

export interface QueueCounts {
  readonly unacknowledgedCount: number;
  readonly consumerCount: number;
}

interface Options {
  readonly address: ManagementAddress;
  readonly vhost: string;
}

const answerMs = 10_000;
const checkedBy = ['management'] as const;

export function createManagement(options: Options): Management {
  return {
    async check(topology) {
      const findings: Finding[] = [];
      const bound = new Map<string, readonly BindingSpec[]>();
      for (const { name } of topology.exchanges) bound.set(name, await bindingsOf(name, options));
      for (const thing of thingsOf(topology)) {
        if (thing.kind === 'binding')
          findings.push(compareBinding(thing, bound.get(thing.spec.exchange) ?? []));
        else findings.push(await compareThing(thing, options));
      }
      return [...findings, ...surplus(topology, [...bound.values()].flat())];
    },
    async counts(queue) {
      const path = `/queues/${encodeURIComponent(options.vhost)}/${encodeURIComponent(queue)}`;
      const there: { messages_unacknowledged?: unknown; consumers?: unknown } =
        (await ask(path, options)) ?? {};
      const { messages_unacknowledged: unacknowledgedCount, consumers: consumerCount } = there;
      if (typeof unacknowledgedCount !== 'number' || typeof consumerCount !== 'number') return null;
      return { unacknowledgedCount, consumerCount };
    },
  };
}

async function compareThing(thing: Exclude<Thing, { kind: 'binding' }>, options: Options): Promise<Finding> {
  const { kind, spec } = thing;
  const there = await ask(
    `/${kind}s/${encodeURIComponent(options.vhost)}/${encodeURIComponent(spec.name)}`,
    options,
  );
  if (there === undefined)
    return { thing, state: 'missing', detail: `there is no ${kind} of that name`, checkedBy };
  const type = 'type' in spec ? { type: spec.type } : {};
  const wanted = { ...type, durable: spec.durable, auto_delete: false, arguments: {} };
  const seen = new Map(Object.entries(there).map(([key, value]) => [key, JSON.stringify(value)]));
  // What it is without being told so, where the virtual host says it of all its queues.
  if (seen.get('arguments') === '{"x-queue-type":"classic"}') seen.set('arguments', '{}');
  const differences = Object.entries(wanted)
    .filter(([key, value]) => seen.get(key) !== JSON.stringify(value))
    .map(([key, value]) => `${key} is ${seen.get(key) ?? 'not told'}, not ${JSON.stringify(value)}`);
  if (differences.length === 0) return { thing, state: 'there', detail: '', checkedBy };
  return { thing, state: 'different', detail: differences.join('; '), checkedBy };
}

function compareBinding(thing: Extract<Thing, { kind: 'binding' }>, bound: readonly BindingSpec[]): Finding {
  const { queue, routingKey } = thing.spec;
  const isThere = bound.some((binding) => binding.queue === queue && binding.routingKey === routingKey);
  if (isThere) return { thing, state: 'there', detail: '', checkedBy };
  const covering = bound.find(
    (binding) => binding.queue === queue && matches(binding.routingKey, routingKey),
  );
  if (covering !== undefined)
    return { thing, state: 'there', detail: `by the key ${covering.routingKey}`, checkedBy };
  return {
    thing,
    state: 'missing',
    detail: `jobs with the key ${routingKey} do not reach the queue`,
    checkedBy,
  };
}

/** Bindings of other queues that take the same jobs. Lines may be heard by many: a copy of one does no harm. */
function surplus(topology: Topology, bound: readonly BindingSpec[]): readonly Finding[] {
  const wanted = topology.bindings.filter(({ routingKey }) => routingKey !== outputKey);
  return bound
    .filter(({ queue }) => !topology.bindings.some((binding) => binding.queue === queue))
    .flatMap((spec): readonly Finding[] => {
      const twice = wanted.find((binding) => matches(spec.routingKey, binding.routingKey));
      if (twice === undefined) return [];
      const detail = `jobs with the key ${twice.routingKey} go to ${twice.queue} and to ${spec.queue}: both do them`;
      return [{ thing: { kind: 'binding', spec }, state: 'surplus', detail, checkedBy }];
    });
}

/** As a topic exchange matches: `*` is one word, `#` any number of words. */
export function matches(pattern: string, key: string): boolean {
  const words = key.split('.');
  const parts = pattern.split('.');
  const from = (part: number, word: number): boolean => {
    if (part === parts.length) return word === words.length;
    if (parts[part] === '#') return from(part + 1, word) || (word < words.length && from(part, word + 1));
    return (
      word < words.length && (parts[part] === '*' || parts[part] === words[word]) && from(part + 1, word + 1)
    );
  };
  return from(0, 0);
}

async function bindingsOf(exchange: string, options: Options): Promise<readonly BindingSpec[]> {
  const path = `/exchanges/${encodeURIComponent(options.vhost)}/${encodeURIComponent(exchange)}/bindings/source`;
  const list = await ask(path, options);
  if (!Array.isArray(list)) return [];
  return list
    .filter((binding) => binding.destination_type === 'queue')
    .map(({ source, destination, routing_key }) => ({
      exchange: source,
      queue: destination,
      routingKey: routing_key,
    }));
}

/** undefined: there is no such thing. */
async function ask(path: string, { address }: Options): Promise<object | undefined> {
  const { url, user, password } = address;
  const at = `the management API at ${url}`;
  let response: Response;
  try {
    response = await fetch(`${url}/api${path}`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
      signal: AbortSignal.timeout(answerMs),
    });
  } catch (error) {
    throw new NeedfulError('BROKER_UNREACHABLE', `${at} does not answer`, { cause: error, retry: true });
  }
  if (response.status === 404) return undefined;
  if (response.status === 401 || response.status === 403) {
    throw new NeedfulError(
      'ACCESS_REFUSED',
      `${at} refuses user ${JSON.stringify(user)}: status ${response.status}; it needs the tag management and a permission for the virtual host`,
    );
  }
  const answer: unknown = response.ok ? await response.json().catch(() => undefined) : undefined;
  if (typeof answer === 'object' && answer !== null) return answer;
  throw new NeedfulError(
    'BROKER_UNREACHABLE',
    `${at} answers with status ${response.status} and no JSON: is it RabbitMQ's?`,
  );
}
