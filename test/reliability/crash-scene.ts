// How a worker is brought into a state and killed there, and what is left of the job in its hand: on the broker, at the
// engine, in the logs. Then another worker comes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Channel } from 'amqplib';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { type Proxy as Cable, proxy } from '../adapters/amqp/peer.js';
import { Trace, turn } from '../adapters/bus.js';
import { loggerThat } from '../worker/stage.js';
import { type ConfirmGate, createConfirmGate } from './confirm-gate.js';
import type { CrashRow } from './crash-table.js';
import type { Sentence } from './doomed-process.js';
import { type Doom, doomedWorker } from './doomed-worker.js';

/** How a state is reached, and who kills. */
export interface Scene {
  /** `bad`: its parameters are wrong. `gone`: nobody waits for its replies. */
  readonly job: 'end' | 'fail' | 'last' | 'bad' | 'gone';
  /** The worker kills itself there; see Sentence. Default: the test kills it once all below has happened. */
  readonly dies?: string;
  /** Confirms that the worker gets. Default: all. */
  readonly confirms?: number;
  /** What it sends after these confirms goes nowhere. */
  readonly muffled?: true;
  /** Messages that must be in a queue first. */
  readonly replies?: number;
  readonly letters?: number;
  /** A state that must be reached first. */
  readonly reached?: string;
  /** The worker waits for a confirm no longer than it must. */
  readonly hasty?: true;
  /** Its connection is reset then. */
  readonly reset?: true;
  /** The reply queue takes one message. */
  readonly full?: true;
  /** Its queue holds nothing any more, acknowledged or not. */
  readonly settled?: true;
}

export interface Ground {
  readonly url: string;
  readonly channel: Channel;
  /** Unique among scenes. */
  readonly name: string;
  /** A path that no other scene uses. */
  readonly begun: string;
  /** Messages in a queue, those in somebody's hand too. */
  countAll(queue: string): Promise<number>;
}

type Seen = Omit<CrashRow, 'acknowledge' | 'state' | 'moment'>;

export async function play(
  acknowledge: CrashRow['acknowledge'],
  scene: Scene,
  ground: Ground,
): Promise<Seen> {
  const { channel, name } = ground;
  const queue = `worker.${name}`;
  const [replyTo, graveyard] = [`${name}-replies`, `${name}-graveyard`];
  const limit = { 'x-max-length': 1, 'x-overflow': 'reject-publish' };
  await channel.assertQueue(replyTo, scene.full ? { arguments: limit } : {});
  await channel.assertQueue(graveyard);
  const count = async (of: string) => (await channel.checkQueue(of)).messageCount;

  const doom: Doom = { acknowledge, name, graveyard, begun: ground.begun };
  const log = await kill(scene, { ...ground, doom, count, replyTo });
  await sees(async () => (await channel.checkQueue(queue)).consumerCount === 0);
  const left = await count(queue);
  const replies = new Trace<string>();
  const early = await count(replyTo);
  await channel.consume(replyTo, (message) => void (message && replies.add(statusOf(message.content))), {
    noAck: true,
  });
  const heard = await replies.first(early);

  const nextLog: string[] = [];
  const next = createWorker(
    doomedWorker(doom, () => Promise.resolve()),
    {
      transport: createAmqpTransport({ url: ground.url, name }),
      topology: 'declare',
      deadLetter: { exchange: '', routingKey: graveyard },
      logger: loggerThat(
        (message, { correlationId }) => void (correlationId === name && nextLog.push(message)),
      ),
    },
  );
  await next.start();
  const probe = `${name}-probe`;
  await channel.assertQueue(probe);
  send(channel, { queue, replyTo: probe, deed: 'end', correlationId: probe });
  await sees(async () => (await count(probe)) === 2);
  await next.stop();
  channel.sendToQueue(replyTo, Buffer.from('{"status":"that is all"}'));
  await replies.first(1, (status) => status === 'that is all');
  const all = replies.all.slice(0, -1);
  const letters = await count(graveyard);
  for (const used of [queue, replyTo, graveyard, probe]) await channel.deleteQueue(used);
  return {
    heard: list(heard),
    queue: left === 0 ? 'nothing' : left === 1 ? 'the job' : `${left} messages`,
    later: list(all.slice(early)),
    so: verdict(all, begunCount(ground.begun)),
    letters: `${letters}`,
    log: [log, nextLog].map((lines) => (lines.length === 0 ? 'nothing' : lines.join(', '))).join('; '),
  };
}

interface Execution extends Ground {
  readonly doom: Doom;
  readonly replyTo: string;
  count(queue: string): Promise<number>;
}

/** Resolves with what the worker had logged about the job. */
async function kill(scene: Scene, ground: Execution): Promise<readonly string[]> {
  const { channel, doom, name, count, replyTo } = ground;
  const gate = createConfirmGate();
  const cable = await proxy(new URL(ground.url), gate.edit);
  const url = new URL(ground.url);
  url.port = `${cable.port}`;
  const { child, states, logged } = start({
    ...doom,
    url: url.href,
    dies: scene.dies ?? '',
    hasty: scene.hasty,
  });
  const dead = once(child, 'close');
  await states.first(1, (line) => line === 'worker listening.flowing');
  expectConfirms(scene, { gate, cable });
  const sent = { queue: `worker.${name}`, deed: scene.job, correlationId: name };
  send(channel, { ...sent, replyTo: scene.job === 'gone' ? 'nowhere' : replyTo });
  if (scene.reached) await states.first(1, (line) => line === `job ${scene.reached}`);
  if (scene.replies) await sees(async () => (await count(replyTo)) === scene.replies);
  if (scene.letters) await sees(async () => (await count(doom.graveyard)) === scene.letters);
  if (scene.settled) await sees(async () => (await ground.countAll(`worker.${name}`)) === 0);
  if (scene.reset) cable.reset();
  if (scene.dies === undefined) child.kill('SIGKILL');
  const [, signal] = await dead;
  if (signal !== 'SIGKILL') throw new Error(`the worker ended by ${signal}: ${logged().join('\n')}`);
  await cable.close();
  return logged()
    .map((line) => JSON.parse(line) as { readonly correlationId?: string; readonly msg: string })
    .filter(({ correlationId }) => correlationId === name)
    .map(({ msg }) => msg);
}

function expectConfirms(scene: Scene, { gate, cable }: { gate: ConfirmGate; cable: Cable }): void {
  if (scene.confirms === undefined) return;
  gate.allow(scene.confirms, scene.muffled && (() => cable.freeze('toBroker')));
}

/** Asks the broker until it is so; the test's own time is the limit. */
async function sees(answer: () => Promise<boolean>): Promise<void> {
  while (!(await answer())) await turn();
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function start(sentence: Sentence): { child: ChildProcess; states: Trace<string>; logged: () => string[] } {
  const child = spawn(
    process.execPath,
    [file('../../node_modules/jiti/lib/jiti-cli.mjs'), file('doomed-process.ts'), JSON.stringify(sentence)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const states = new Trace<string>();
  createInterface({ input: child.stdout }).on('line', (line) => states.add(line));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  return { child, states, logged: () => log.split('\n').filter((line) => line !== '') };
}

function send(
  channel: Channel,
  job: { queue: string; replyTo: string; correlationId: string; deed: Scene['job'] },
): void {
  const { queue, replyTo, correlationId } = job;
  const deed = job.deed === 'gone' ? 'end' : job.deed;
  const step = `${queue.slice('worker.'.length)}:Do`;
  const { body } = releaseEngine.encodeJob({ step, parameters: { deed } }, { replyTo, correlationId });
  channel.sendToQueue(queue, Buffer.from(body), { replyTo, correlationId });
}

const statusOf = (content: Buffer): string => (JSON.parse(content.toString()) as { status: string }).status;

const list = (statuses: readonly string[]) => statuses.join(', ') || 'nothing';

const begunCount = (path: string): number => {
  try {
    return readFileSync(path, 'utf8').length / 2;
  } catch {
    return 0;
  }
};

/** The probe of a scene begins once too. */
function verdict(statuses: readonly string[], begun: number): string {
  const finals = statuses.filter((status) => status !== 'started').length;
  const answered = ['unanswered', 'answered', 'answered twice'][finals] ?? `answered ${finals} times`;
  return begun - 1 > 1 ? `${answered}, run twice` : answered;
}
