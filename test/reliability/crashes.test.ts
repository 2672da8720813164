// The crash table of docs/reliability.md, row by row: a worker process is killed exactly there, another one comes, and engine,
// queue and logs are as the row says.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJobFlow } from '../../machines/index.js';
import { build } from '../cli/needful.js';
import { type Operator, operate } from '../operator.js';
import { describeRabbitMQ } from '../rabbitmq.js';
import { play, type Scene } from './crash-scene.js';
import { type CrashRow, crashRows } from './crash-table.js';

/** By state and moment. */
const scenes: Readonly<Record<string, Scene>> = {
  'received, entered': { job: 'end', dies: 'received' },
  'acknowledged, entered': { job: 'end', dies: 'acknowledged' },
  'parsing, entered': { job: 'end', dies: 'parsing' },
  'verified, reply arrived': { job: 'end', confirms: 0, replies: 1 },
  'invalid, reply arrived': { job: 'bad', confirms: 0, replies: 1 },
  'doingTheNeedful, step begun': { job: 'last', dies: 'step' },
  'retrying, entered': { job: 'fail', dies: 'retrying' },
  'completed, reply arrived': { job: 'end', confirms: 1, replies: 2 },
  'failed, reply arrived': { job: 'fail', confirms: 1, replies: 2 },
  'replyUnknown, reply arrived': { job: 'end', confirms: 1, hasty: true, dies: 'replyUnknown' },
  'replyUnknown, reply lost': { job: 'end', confirms: 1, muffled: true, hasty: true, dies: 'replyUnknown' },
  'replyRefused, entered': { job: 'end', full: true, dies: 'replyRefused' },
  'unanswered, entered': { job: 'gone', dies: 'unanswered' },
  'deadLettering, letter arrived': { job: 'bad', confirms: 1, letters: 1 },
  'rejected, entered': { job: 'bad', dies: 'rejected' },
  'lost, reply arrived': { job: 'bad', confirms: 0, replies: 1, reset: true, dies: 'lost' },
  'lost, step begun': { job: 'last', reached: 'doingTheNeedful', reset: true, dies: 'lost' },
  'listening, job done': { job: 'end', reached: 'listening', replies: 2, settled: true },
};

const rows = crashRows();
const title = ({ acknowledge, state, moment }: CrashRow) => `${acknowledge}: ${state}, ${moment}`;

test.each(['received', 'verified', 'settled'] as const)(
  'the crash table has every state of the flow with acknowledge: %s, but those with no job in hand',
  (acknowledge) => {
    const { states } = createJobFlow({ acknowledge });
    const without = acknowledge === 'received' ? ['stopped', 'lost'] : ['stopped'];
    const listed = rows.filter((row) => row.acknowledge === acknowledge).map(({ state }) => state);
    expect([...new Set(listed)].sort()).toEqual(
      Object.keys(states)
        .filter((state) => !without.includes(state))
        .sort(),
    );
  },
);

describeRabbitMQ('F46 a worker that is killed', ({ url, vhost, rabbitmqctl, ...broker }) => {
  let connection: ChannelModel;
  let channel: Channel;
  let folder: string;
  let operator: Promise<Operator> | undefined;
  beforeAll(async () => {
    await build();
    folder = mkdtempSync(join(tmpdir(), 'needful-crashes-'));
    connection = await connect(url);
    channel = await connection.createChannel();
  });
  afterAll(async () => {
    await connection?.close();
    (await operator)?.end();
    if (folder) rmSync(folder, { recursive: true });
  });
  const countAll = async (queue: string) => {
    operator ??= operate(rabbitmqctl);
    const found = `rabbit_amqqueue:lookup(rabbit_misc:r(<<"${vhost}">>, queue, <<"${queue}">>))`;
    const count = `{ok, Queue} = ${found}, [{messages, Count}] = rabbit_amqqueue:info(Queue, [messages]), Count`;
    return Number(await (await operator).evaluate(count));
  };

  rows.forEach((row, at) => {
    const scene = scenes[`${row.state}, ${row.moment}`];
    // Only the node of this run tells what is in hand.
    const run = scene?.settled && !broker.private ? test.skip : test.concurrent;
    run(
      title(row),
      async () => {
        if (scene === undefined) throw new Error(`no scene for ${row.state}, ${row.moment}`);
        const ground = { url, channel, name: `doomed${at}`, begun: join(folder, `${at}`), countAll };
        const { acknowledge, state, moment } = row;
        expect({ acknowledge, state, moment, ...(await play(acknowledge, scene, ground)) }).toEqual(row);
      },
      120_000,
    );
  });
});
