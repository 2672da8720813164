// A worker that inputs are thrown at, a good job behind each; everything that must hold of each is held here.
import { errorKinds } from '../../src/contract/errors.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { createLogger } from '../../src/worker/default-logger.js';
import type { RunningWorker } from '../../src/worker/running-worker.js';
import { Trace } from '../adapters/bus.js';
import { type ForeignBus, jsonOf, type Seen } from '../worker/foreign-bus.js';
import { type Input, mark } from './arbitrary.js';
import { fuzzedWorker, type Setting } from './fuzzed-worker.js';
import { good, replyQueue } from './jobs.js';

const before = {
  received: 'received acknowledged parsing',
  verified: 'received parsing',
  settled: 'received parsing',
};
/** What a valid job passes from there, and how one ends that is over. */
const valid = { received: 'verified', verified: 'acknowledged verified', settled: 'verified' };
const rejected = { received: '', verified: ' rejected', settled: ' rejected' };
const unansweredAfterAck = { received: '', verified: '', settled: ' rejected' };
const answered = { received: '', verified: '', settled: ' acknowledged' };

/** Paths through the flow, each with the statuses that an engine hears. */
function knownEndings({ acknowledge: k }: Setting): ReadonlyMap<string, string> {
  const ran = `${before[k]} ${valid[k]} doingTheNeedful`;
  return new Map([
    [`${ran} completed${answered[k]}`, 'started completed'],
    [`${ran} failed${answered[k]}`, 'started failed'],
    [`${before[k]} invalid deadLettering${rejected[k]}`, 'failed'],
    [`${before[k]} invalid unanswered deadLettering${rejected[k]}`, ''],
    [`${before[k]} ${valid[k]} unanswered deadLettering${unansweredAfterAck[k]}`, ''],
  ]);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is sought
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

export interface Bench {
  /** Rejects where anything does not hold. */
  take(inputs: readonly Input[]): Promise<void>;
  /** How often an input took which path. */
  readonly endings: ReadonlyMap<string, number>;
  end(): Promise<void>;
}

let last = 0;

export async function createBench(bus: ForeignBus, setting: Setting): Promise<Bench> {
  const name = `fuzzed-${++last}`;
  const letters = `letters.${name}`;
  await bus.hear(letters);
  const paths = new Trace<string>();
  const log: string[] = [];
  let path: string[] = [];
  let count = 0;
  const endings = new Map<string, number>();
  const transport = bus.connect();
  const worker: RunningWorker = createWorker(fuzzedWorker(name, setting), {
    transport,
    topology: 'declare',
    logger: createLogger('debug', { write: (line) => void log.push(line) }),
    deadLetter: { exchange: '', routingKey: letters },
    holdMs: 60_000,
    bodyLimitBytes: 100_000,
    valueLimit: 1000,
  });
  worker.subscribe(({ machine, to }) => {
    if (machine !== 'job') return;
    if (to !== 'listening') return void path.push(to);
    paths.add(path.join(' '));
    path = [];
  });
  await worker.start();
  const known = knownEndings(setting);
  const [goodPath] = known.keys();

  const send = async (input: Input, id: string) => {
    const routingKey = `worker.${name}`;
    const { body, properties, raw } = input;
    if (raw === undefined || bus.sendRaw === undefined) {
      return bus.send({
        routingKey,
        body,
        properties: { replyTo: replyQueue, correlationId: id, ...properties },
      });
    }
    const own = { replyTo: Buffer.from(replyQueue), correlationId: Buffer.from(id) };
    await bus.sendRaw({ exchange: 're', routingKey, body, properties: { ...own, ...raw } });
  };

  const take = async (inputs: readonly Input[]) => {
    bus.heard.forget();
    const [from, logFrom] = [paths.all.length, log.length];
    const { deadLettered } = worker.status().counts;
    for (const [index, input] of inputs.entries()) {
      await send(input, `bad ${count + index}`);
      await bus.send({
        routingKey: `worker.${name}`,
        body: good,
        properties: { replyTo: replyQueue, correlationId: nextId(index) },
      });
    }
    const played = (await paths.first(from + 2 * inputs.length)).slice(from);
    const isLast = (seen: Seen) =>
      seen.properties.correlationId === nextId(inputs.length - 1) && statusOf(seen) === 'completed';
    const heard = await bus.heard.since(0, (messages) => messages.findLast(isLast) !== undefined);
    const replies = segments(heard.filter(({ queue }) => queue === replyQueue));
    inputs.forEach((input, index) => {
      const [bad = '', next] = played.slice(2 * index, 2 * index + 2);
      const statuses = known.get(bad);
      hold(statuses !== undefined, `it ends in a state that has a name: ${bad}`);
      hold(next === goodPath, `the next good job is done: ${next}`);
      const [mine = [], others = []] = replies.slice(2 * index, 2 * index + 2);
      // One with an address of its own is answered elsewhere.
      const expected = isAnsweredHere(input) ? statuses : '';
      hold(
        mine.map(statusOf).join(' ') === expected,
        `${bad}: it hears ${expected}, not ${mine.map(statusOf)}`,
      );
      hold(others.map(statusOf).join(' ') === 'started completed', 'the good job is answered');
      if (bad.includes('invalid')) for (const reply of mine) holdRefusal(reply);
      endings.set(bad, (endings.get(bad) ?? 0) + 1);
    });
    const dead = played.filter((one) => one.includes('deadLettering')).length;
    hold(worker.status().counts.deadLettered - deadLettered === dead, 'each that ended so is a dead letter');
    for (const line of log.slice(logFrom)) holdLine(line);
    const { phase, epoch } = transport.status;
    hold(phase === 'open' && epoch === 1, 'the connection and its channel live');
    const changed = changedPrototypes();
    hold(changed.length === 0, `no prototype is changed: ${changed}`);
    paths.all.length = 0;
    log.length = 0;
    count += inputs.length;
  };
  return {
    take,
    endings,
    async end() {
      await worker.stop({ deadlineMs: 0 });
    },
  };
}

const isAnsweredHere = ({ properties, raw }: Input) =>
  (raw?.replyTo ?? properties?.replyTo ?? replyQueue).toString() === replyQueue;
const nextId = (index: number) => `next ${index}`;
/** Without parsing all of it. */
const statusOf = ({ body }: Seen) =>
  /^\{"status":"(\w+)"/.exec(Buffer.from(body.subarray(0, 30)).toString())?.[1] ?? '';

/** In the order of the jobs: a bad one, its good one, and so on. */
function segments(replies: readonly Seen[]): readonly Seen[][] {
  const all: Seen[][] = [[]];
  for (const reply of replies) {
    const isBad = all.length % 2 === 1;
    if (isBad && reply.properties.correlationId === nextId((all.length - 1) / 2)) all.push([]);
    all.at(-1)?.push(reply);
    if (all.length % 2 === 0 && statusOf(reply) === 'completed') all.push([]);
  }
  return all;
}

/** What is said of a job that was refused is short and quotes nothing of it. */
function holdRefusal(reply: Seen): void {
  const { data } = jsonOf(reply) as {
    data: { code: string; message: string; issues?: { message: string }[] };
  };
  hold(Object.hasOwn(errorKinds, data.code), `it has a code that is listed: ${data.code}`);
  const { message, issues = [] } = data;
  hold(issues.length <= 20, 'it has at most 20 issues');
  for (const text of [message, ...issues.map((issue) => issue.message)]) {
    hold(text.length <= 300 && !unprintable.test(text), `it is a short line: ${text}`);
  }
  hold(!Buffer.from(reply.body).includes(mark), `it quotes no value: ${Buffer.from(reply.body)}`);
  hold(reply.body.length < 100_000, 'it is short in all');
}

function holdLine(line: string): void {
  hold(line.endsWith('\n') && !unprintable.test(line.slice(0, -1)), `a line of the log is one: ${line}`);
  const { level, msg } = JSON.parse(line) as { readonly level: number; readonly msg: string };
  // Only a step that throws is an error; bad input is not.
  hold(level <= 40 || msg === 'the step threw', `it is told as a warning at most: ${line}`);
}

function hold(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`This does not hold: ${sentence}`);
}

const prototypes = [Object, Array, Function, String, Number, Map, Promise].map(({ prototype }) => prototype);
const members = (prototype: object) =>
  Reflect.ownKeys(prototype).flatMap((key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(prototype, key);
    return [key, descriptor?.value, descriptor?.get, descriptor?.set];
  });
const untouched = prototypes.map(members);

function changedPrototypes(): readonly string[] {
  return prototypes.flatMap((prototype, index) => {
    const [now, then = []] = [members(prototype), untouched[index]];
    const isSame = now.length === then.length && now.every((part, at) => Object.is(part, then[at]));
    return isSame ? [] : [prototype.constructor.name];
  });
}
