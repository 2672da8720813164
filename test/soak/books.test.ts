// The books of a soak would see it: a job that is lost, answered twice, run twice, told something else, without what excuses
// that in the record of that very job.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { createJobFlow } from '../../machines/index.js';
import { type Books, closeBooks } from './books.js';
import type { Run } from './crew.js';
import { readDeliveries } from './deliveries.js';
import { jobOf, type Kind, type Policy } from './kinds.js';
import { type JobEntry, Ledger } from './ledger.js';
import { differences } from './long-life.js';
import { codes, openRecord } from './record.js';
import { strikeKinds, strikes } from './strikes.js';

const seed = 1;
const firstOf = (kind: Kind) => {
  for (let n = 1; ; n++) if (jobOf(seed, n).kind === kind) return n;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'needful-books-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Story {
  readonly policy?: Policy;
  readonly kind?: Kind;
  /**
   * Of each worker process: states as letters, `B` where the step begins, `R` before one that comes again, `X` where the
   * connection is lost; and when, in milliseconds.
   */
  readonly records: readonly {
    readonly states: string;
    readonly end?: 'killed' | number;
    readonly atMs?: number;
  }[];
  readonly heard?: readonly (readonly [status: string, messageId: string, data?: unknown])[];
  readonly letters?: number;
  readonly queued?: number;
  readonly sent?: JobEntry['sent'];
  /** When the broker was killed. */
  readonly crashAtMs?: number;
}

/** The books of a ledger with one job in it, beside others that the broker refused. */
async function books(story: Story): Promise<Books> {
  const { policy = 'received', kind = 'plain', records, heard = [], letters = 0, queued = 0 } = story;
  const ledger = new Ledger(policy, seed);
  let entry = ledger.next();
  while (entry.job.n < firstOf(kind)) {
    ledger.settle(entry, 'refused');
    entry = ledger.next();
  }
  entry.sent = story.sent ?? 'confirmed';
  Object.assign(entry, { letters, queued });
  heard.forEach(([status, messageId, data], at) => {
    ledger.heard(entry.id, { status, messageId, data, copy: `${at}` });
  });
  const began = Date.now();
  const deliveries = await Promise.all(
    records.map(({ states, end = 0, atMs = 0 }, at) => {
      const run: Run = { policy, name: `w${at}`, record: join(folder, `${at}`), end };
      const time = (began + atMs).toString(36);
      writeFileSync(run.record, [...states].map((code) => `${time} 0 ${code} ${entry.id}\n`).join(''));
      return readDeliveries(run);
    }),
  );
  const crashes = story.crashAtMs === undefined ? [] : [began + story.crashAtMs];
  return closeBooks({ ledger, deliveries: deliveries.flat(), crashes });
}

const n = firstOf('plain');
const started = ['started', 's1'] as const;
const completed = ['completed', 'c1', n] as const;
const notBegun = ['failed', 'f1', { code: 'REPLY_UNKNOWN' }] as const;
const again = [
  ['started', 's2'],
  ['completed', 'c2', n],
] as const;
const done = { states: 'rapvdBc.' };
const killed = (states: string) => ({ states, end: 'killed' }) as const;

const faults: Readonly<Record<string, readonly [Story, RegExp]>> = {
  lost: [{ records: [done], heard: [started] }, /it was lost/],
  'lost in the queue': [{ records: [] }, /it was lost/],
  'lost by a kill before a late acknowledgement': [
    { policy: 'settled', records: [killed('rpvdB')], heard: [started] },
    /it was lost/,
  ],
  'dropped by a worker that ended by itself': [
    { records: [{ states: 'rapvdB' }], heard: [started] },
    /ended by itself with the job in hand/,
  ],
  'answered twice': [{ records: [done, done], heard: [started, completed, ...again] }, /answered twice/],
  'answered twice before the broker was killed': [
    { records: [done, { ...done, atMs: 400 }], heard: [started, completed, ...again], crashAtMs: 500 },
    /answered twice/,
  ],
  'answered twice with one message id': [
    { records: [done], heard: [started, completed, completed] },
    /twice with one message id/,
  ],
  'run twice after an acknowledgement that the broker had read': [
    { records: [killed('rapvdB'), done], heard: [started, ...again] },
    /it was run twice/,
  ],
  'run twice, and only the second run came back': [
    {
      policy: 'settled',
      records: [{ states: 'rpvdBca.' }, { states: 'RrpvdBca.X' }],
      heard: [started, completed, ...again],
    },
    /it was run twice/,
  ],
  'told something else': [
    { records: [done], heard: [started, ['completed', 'c1', n + 1]] },
    /the answer was completed/,
  ],
  'failed for no reason': [
    { records: [done], heard: [started, notBegun] },
    /the answer was failed REPLY_UNKNOWN/,
  ],
  'told `started` twice': [{ records: [done], heard: [started, started, completed] }, /was sent again/],
  'told `started` more often than it was delivered': [
    { records: [done], heard: [started, ['started', 's2'], completed] },
    /more often than the job was delivered/,
  ],
  'completed without `started`': [{ records: [done], heard: [completed] }, /I2: completed came without/],
  'invalid, and is nowhere': [
    {
      kind: 'invalid',
      records: [{ states: 'rapil.' }],
      heard: [['failed', 'f1', { code: 'PARAMETERS_INVALID' }]],
    },
    /not among the dead letters/,
  ],
  "nobody's, and is nowhere": [{ kind: 'gone', records: [{ states: 'rapvgl.' }] }, /it was lost/],
};

const excused: Readonly<Record<string, readonly [Story, object]>> = {
  'lost by a kill after an early acknowledgement': [
    { records: [killed('rapvdB')], heard: [started] },
    { lost: 1, costs: { lostByCrash: 1 } },
  ],
  'sent again since its confirm was unknown': [
    { records: [{ states: 'rapvdBcXuc.' }], heard: [started, completed, completed] },
    { answeredTwice: 1, costs: { resent: 1 } },
  ],
  'given again since it was unknown whether `started` arrived': [
    { records: [{ states: 'rapvXuf.' }, done], heard: [notBegun, ...again] },
    { answeredTwice: 1, runTwice: 0, costs: { unknown: 1 } },
  ],
  'given to another one while its first worker stood still': [
    {
      records: [{ states: 'RrapvdBc.' }, { states: 'rapvXuf.' }],
      heard: [started, completed, notBegun],
    },
    { answeredTwice: 1, runTwice: 0, costs: { unknown: 1 } },
  ],
  'run by its first worker, which stood still, after another one': [
    {
      policy: 'settled',
      records: [{ states: 'RrpvdBca.' }, { states: 'rpvdBx.X' }],
      heard: [started, completed, ['started', 's2']],
    },
    { answered: 1, runTwice: 1, costs: { runTwice: 1 } },
  ],
  'run again after a kill before the acknowledgement': [
    { policy: 'settled', records: [killed('rpvdB'), { states: 'rpvdBca.' }], heard: [started, ...again] },
    { answered: 1, runTwice: 1, costs: { runTwice: 1 } },
  ],
  'run again since the acknowledgement was on a connection that was lost': [
    {
      policy: 'settled',
      records: [{ states: 'rpvdBca.X' }, { states: 'rpvdBca.' }],
      heard: [started, completed, ...again],
    },
    { answeredTwice: 1, costs: { repeated: 1, runTwice: 1 } },
  ],
  'run again by a broker that was killed and forgot': [
    { records: [done, { ...done, atMs: 900 }], heard: [started, completed, ...again], crashAtMs: 500 },
    { answeredTwice: 1, runTwice: 1, costs: { forgotten: 1 } },
  ],
  'left in the queue': [{ records: [], queued: 1 }, { queued: 1 }],
  undeliverable: [{ kind: 'gone', records: [{ states: 'rapvgl.' }], letters: 1 }, { undeliverable: 1 }],
  'taken by a broker whose confirm was lost': [
    { records: [done], heard: [started, completed], sent: 'unsure' },
    { sent: 1, answered: 1 },
  ],
  'never taken by it': [{ records: [], sent: 'unsure' }, { sent: 0 }],
};

describe('the books of a soak', () => {
  it('have nothing to say of a job that was answered once', async () => {
    const found = await books({ records: [done], heard: [started, completed] });
    expect(found).toMatchObject({ sent: 1, answered: 1, lost: 0, runTwice: 0, broken: [] });
    expect(Object.values(found.costs)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each(Object.keys(faults))('call a promise broken over a job that was %s', async (name) => {
    const [story, why] = faults[name] ?? [];
    expect((await books(story as Story)).broken.join('\n')).toMatch(why as RegExp);
  });

  it.each(Object.keys(excused))('count a job that was %s', async (name) => {
    const [story, expected] = excused[name] ?? [];
    expect(await books(story as Story)).toMatchObject({ ...expected, broken: [] });
  });

  it('know an acknowledgement as read once something that was sent after it is confirmed', async () => {
    const run: Run = { policy: 'settled', name: 'w', record: join(folder, 'w'), end: 0 };
    const lines = [...'rpvdBca.'].map((code) => `0 0 ${code} 1\n`);
    writeFileSync(run.record, [...lines, ...[...'rpvdX'].map((code) => `0 0 ${code} 2\n`)].join(''));
    expect(await readDeliveries(run)).toMatchObject([
      { id: '1', proved: true, unproved: false },
      { id: '2', proved: false },
    ]);
  });
});

test('a worker that lived long may have fewer timers than at its start, and no more of anything', () => {
  const measure = (counts: Readonly<Record<string, number>>) => {
    const resources = { TCPSocketWrap: 1, Timeout: 3, ...counts };
    const worker = { ready: true, isIdle: true, heapBytes: 1, resources };
    return { workers: { received: worker }, jobCount: 0, consumers: {}, channels: {} };
  };
  const found = (counts: Readonly<Record<string, number>>) => differences(measure({}), measure(counts));
  expect(found({ Timeout: 2 })).toEqual([]);
  expect(found({ Timeout: 6 })).toEqual(['the worker received has 6 Timeout, 3 at the start']);
  expect(found({ TCPSocketWrap: 2 })).toEqual(['the worker received has 2 TCPSocketWrap, 1 at the start']);
  expect(found({ TLSWrap: 1 })).toEqual(['the worker received has 1 TLSWrap, 0 at the start']);
});

test('a record has a letter for every state of every flow', () => {
  const states = (['received', 'verified', 'settled'] as const).flatMap((acknowledge) =>
    Object.keys(createJobFlow({ acknowledge }).states),
  );
  expect(Object.keys(codes).sort()).toEqual([...new Set(states)].sort());
  expect(new Set([...Object.values(codes), 'B', 'X']).size).toBe(Object.keys(codes).length + 2);
});

test('a record is read as it was written', async () => {
  const run: Run = { policy: 'received', name: 'w', record: join(folder, 'w'), end: 'killed' };
  const record = openRecord(run.record);
  for (const state of ['received', 'acknowledged', 'parsing', 'verified', 'doingTheNeedful'])
    record.state(0, state, '7');
  record.begun('7');
  record.disconnected();
  expect(await readDeliveries(run)).toMatchObject([
    { id: '7', states: 'rapvd', begun: true, end: 'cut', proved: true },
  ]);
});

test('a seed fixes the strikes, and every deck has all of them', () => {
  const deal = (from: number) => {
    const dealt = strikes(from);
    return Array.from({ length: 30 }, () => dealt.next().value);
  };
  expect(deal(5)).toEqual(deal(5));
  expect(deal(5)).not.toEqual(deal(6));
  expect(new Set(deal(5).map((strike) => strike?.kind))).toEqual(new Set(strikeKinds));
});
