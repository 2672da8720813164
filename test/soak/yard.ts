// The process of a soak in which all is that may be struck: a broker of its own, the cables to it, the worker processes, and
// the chaos. The process that sends jobs and keeps the books talks to it by messages, one at a time; it ends with that one.
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { type Broker, startPrivateBroker } from '../../scripts/broker.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { proxy } from '../adapters/amqp/peer.js';
import { Chaos, type ChaosReport } from './chaos.js';
import { Member, type Run } from './crew.js';
import { lettersOf, type Policy, queueOf, repliesOf } from './kinds.js';
import type { Measure } from './worker.js';

export interface YardOptions {
  readonly policies: readonly Policy[];
  /** Worker processes of each policy. */
  readonly workers: number;
  readonly lanes: number;
  readonly seed: number;
  /** Where records and logs are kept. */
  readonly folder: string;
}

export type Ask = 'rage' | 'calm' | 'measure' | 'leave' | { readonly begin: YardOptions };

/** Of the first worker of each policy, which is never killed, and of the broker. */
export interface YardMeasure {
  readonly workers: Readonly<Record<string, Measure>>;
  /** Messages in queues of jobs, also those in hand. */
  readonly jobCount: number;
  /** By queue. */
  readonly consumers: Readonly<Record<string, number>>;
  /** By name of the connection. */
  readonly channels: Readonly<Record<string, number>>;
}

export type Answer =
  | { readonly type: 'begun'; readonly url: string }
  | { readonly type: 'struck'; readonly line: string }
  | { readonly type: 'calm'; readonly report: ChaosReport }
  | { readonly type: 'measured'; readonly measure: YardMeasure; readonly allReady: boolean }
  | { readonly type: 'left'; readonly runs: readonly Run[] }
  | { readonly type: 'broken'; readonly message: string };

interface Yard {
  readonly broker: Broker;
  readonly members: readonly Member[];
  readonly firsts: ReadonlySet<Member>;
  readonly chaos: Chaos;
  readonly seed: number;
}

async function open(options: YardOptions): Promise<Yard> {
  const { policies, workers, lanes, folder, seed } = options;
  const broker = await startPrivateBroker({ log: () => {} });
  await declare(broker.url, policies);
  const members: Member[] = [];
  for (const policy of policies) {
    for (let index = 0; index < workers; index++) {
      const cable = await proxy(new URL(broker.url));
      const url = new URL(broker.url);
      url.port = `${cable.port}`;
      members.push(
        new Member({ policy, connection: `${policy}-${index}`, cable, url: url.href, lanes, folder }),
      );
    }
  }
  const firsts = new Set(members.filter((_, at) => at % workers === 0));
  const onStrike = (line: string) => say({ type: 'struck', line });
  return { broker, members, firsts, seed, chaos: await Chaos.begin({ broker, members, firsts, onStrike }) };
}

async function declare(url: string, policies: readonly Policy[]): Promise<void> {
  const transport = createAmqpTransport({ url, name: 'yard' });
  await transport.open();
  for (const policy of policies) {
    const { exchanges, queues, bindings } = releaseEngine.topology(queueOf(policy));
    const more = [repliesOf(policy), lettersOf(policy)].map((name) => ({ name, durable: true }));
    await transport.declare({ exchanges, queues: [...queues, ...more], bindings });
  }
  await transport.close();
}

async function measure({ members, firsts, chaos }: Yard): Promise<Answer> {
  const all = await Promise.all(members.map(async (member) => ({ member, seen: await member.measure() })));
  const first = all.filter(({ member }) => firsts.has(member));
  const queues = readJson(await chaos.operator.evaluate(queueCounts)) as [string, number, number][];
  const jobs = queues.filter(([name]) => name.startsWith('worker.'));
  const channels = readJson(await chaos.operator.evaluate(channelCounts)) as [string, number][];
  return {
    type: 'measured',
    allReady: all.every(({ seen }) => seen.ready && seen.isIdle),
    measure: {
      workers: Object.fromEntries(first.map(({ member, seen }) => [member.place.policy, seen])),
      jobCount: jobs.reduce((sum, [, messages]) => sum + messages, 0),
      consumers: Object.fromEntries(jobs.map(([name, , consumers]) => [name, consumers])),
      channels: Object.fromEntries(channels),
    },
  };
}

/** The broker stays until the process ends. */
async function leave({ members }: Yard): Promise<Answer> {
  await Promise.all(members.map((member) => member.leave()));
  return { type: 'left', runs: members.flatMap(({ runs }) => runs) };
}

async function end({ members, chaos, broker }: Yard): Promise<void> {
  chaos.end();
  await Promise.all(members.map(({ place }) => place.cable.close()));
  await broker.stop();
}

/** Rows as JSON, in base64: what the operator prints needs no unescaping then. */
const jsonOf = (rows: string) => `base64:encode(iolist_to_binary(["[", lists:join(",", ${rows}), "]"]))`;
const readJson = (printed: string): unknown =>
  JSON.parse(Buffer.from(printed.replace(/^<<"|">>$/g, ''), 'base64').toString());

// A queue that is coming up, and a connection that has just come, has no counts yet: it is not there, so that nothing is at
// rest before it has.
const queueCounts = jsonOf(`[
  io_lib:format("[\\"~s\\",~b,~b]", [Name, Messages, Consumers]) ||
  [{name, {resource, _, queue, Name}}, {messages, Messages}, {consumers, Consumers}] <-
    rabbit_amqqueue:info_all(<<"/">>, [name, messages, consumers]),
  is_integer(Messages), is_integer(Consumers)]`);

const channelCounts = jsonOf(`[
  io_lib:format("[\\"~s\\",~b]", [
    case lists:keyfind(<<"connection_name">>, 1, Properties) of {_, _, Name} -> Name; _ -> "" end, Channels]) ||
  [{client_properties, Properties}, {channels, Channels}] <-
    rabbit_networking:connection_info_all([client_properties, channels]),
  is_list(Properties), is_integer(Channels)]`);

const say = (answer: Answer) => void process.send?.(answer);
const broken = (error: unknown) =>
  say({ type: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });

let yard: Yard | undefined;

async function answer(ask: Ask): Promise<void> {
  if (typeof ask === 'object') {
    yard = await open(ask.begin);
    return say({ type: 'begun', url: yard.broker.url });
  }
  if (yard === undefined) throw new Error('not begun');
  switch (ask) {
    case 'rage':
      return yard.chaos.rage(yard.seed);
    case 'calm':
      await yard.chaos.calm();
      return say({ type: 'calm', report: yard.chaos.report });
    case 'measure':
      return say(await measure(yard));
    case 'leave':
      return say(await leave(yard));
  }
}

process.on('message', (ask) => void answer(ask as Ask).catch(broken));
process.on('disconnect', async () => {
  if (yard) await end(yard);
  process.exit(0);
});
// Ctrl-C in a terminal is the other process's to answer.
process.on('SIGINT', () => {});
