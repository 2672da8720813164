import { expect, test } from 'vitest';
import type { MemoryBroker } from '../../../adapters/memory/index.js';
import { systemClock } from '../../../src/clock.js';
import { judgeCodes } from '../../../src/testing/judge/index.js';
import { type Desk, type ForeignWorker, judged, right, rightBut } from './foreign-worker.js';

const isValid = ({ parameters }: Desk) => typeof parameters?.who === 'string';
const isNoJob = ({ parameters }: Desk) => parameters === undefined;
const isEmpty = ({ delivery }: Desk) => delivery.body.byteLength === 0;

test('a worker that keeps the protocol passes every check', async () => {
  const { outcome, checks, codes, jobCount, replyCount } = await judged(right);
  expect(codes).toEqual({});
  expect(outcome).toBe('passed');
  expect(checks.every((check) => check.outcome === 'passed')).toBe(true);
  expect({ jobCount, replyCount }).toMatchInlineSnapshot(`
    {
      "jobCount": 41,
      "replyCount": 67,
    }
  `);
});

const acknowledged =
  (worker: ForeignWorker): ForeignWorker =>
  (desk) => {
    desk.delivery.settle('acknowledge');
    worker(desk);
  };
const replies = (...statuses: readonly string[]) =>
  acknowledged(({ reply }) => {
    for (const status of statuses) reply(status);
  });

/** Each worker is wrong in one way: the codes that name it, with the first check that sees it. */
const wrong: readonly [string, ForeignWorker, Readonly<Record<string, string>>][] = [
  ['says completed alone', rightBut(isValid, replies('completed')), { STARTED_MISSING: 'valid' }],
  ['starts twice', rightBut(isValid, replies('started', 'started', 'completed')), { STARTED_TWICE: 'valid' }],
  ['ends twice', rightBut(isValid, replies('started', 'completed', 'failed')), { FINAL_TWICE: 'valid' }],
  [
    'starts after the end',
    rightBut(isValid, replies('failed', 'started')),
    { JOB_REFUSED: 'valid', STARTED_LATE: 'valid' },
  ],
  ['shouts', rightBut(isValid, replies('started', 'COMPLETED')), { REPLY_UNREADABLE: 'valid' }],
  ['fails every job', rightBut(isValid, replies('started', 'failed')), { JOB_FAILED: 'valid' }],
  ['refuses every job', replies('failed'), { JOB_REFUSED: 'valid' }],
  ['never ends', rightBut(isValid, replies('started')), { NO_FINAL_REPLY: 'valid' }],
  ['drops what is no job', rightBut(isNoJob, replies()), { NO_FINAL_REPLY: 'not-json' }],
  [
    'completes what is no job',
    rightBut(isNoJob, replies('started', 'completed')),
    { COMPLETED_UNREADABLE: 'not-json' },
  ],
  [
    'starts what is no job',
    rightBut(isNoJob, replies('started', 'failed')),
    { STARTED_UNREADABLE: 'not-json' },
  ],
  [
    'answers over the exchange',
    acknowledged(({ parameters, reply }) => {
      if (typeof parameters?.who === 'string') reply('started');
      reply(typeof parameters?.who === 'string' ? 'completed' : 'failed', { exchange: 're' });
    }),
    { REPLY_MISPLACED: 'valid' },
  ],
  [
    'invents a correlation id',
    rightBut(
      ({ delivery }) => delivery.properties.correlationId === undefined,
      acknowledged(({ reply }) => {
        reply('started', { properties: { correlationId: 'None' } });
        reply('completed', { properties: { correlationId: 'None' } });
      }),
    ),
    { CORRELATION_ID_INVENTED: 'no-correlation-id' },
  ],
  [
    'talks before it starts',
    rightBut(
      isValid,
      acknowledged(({ reply, output }) => {
        output('Starting GreeterWorker.1 - now');
        output('Hello');
        reply('started');
        reply('completed');
      }),
    ),
    { OUTPUT_EARLY: 'valid' },
  ],
  [
    'acknowledges nothing',
    ({ delivery, ...desk }) => right({ ...desk, delivery: { ...delivery, settle: () => true } }),
    { UNACKNOWLEDGED: 'left' },
  ],
  ['dies', rightBut(isEmpty, ({ die }) => die()), { DIED: 'empty' }],
];

test.each(wrong)('a worker that %s is told so', async (_, worker, expected) => {
  const { codes, outcome } = await judged(worker, { timeoutMs: 2_000 });
  expect(Object.fromEntries(Object.entries(codes).map(([code, names]) => [code, names[0]]))).toEqual(
    expected,
  );
  const isBroken = Object.keys(expected).some(
    (code) => judgeCodes[code as keyof typeof judgeCodes].severity === 'broken',
  );
  expect(outcome).toBe(isBroken ? 'broken' : 'passed');
});

test('after a death that nobody mends the rest is not judged, and nothing is left in the queue', async () => {
  const { checks } = await judged(rightBut(isEmpty, ({ die }) => die()));
  const outcomes = checks.map(({ outcome }) => outcome);
  expect(outcomes.slice(0, 6)).toEqual(['passed', 'passed', 'passed', 'passed', 'passed', 'broken']);
  expect(new Set(outcomes.slice(6))).toEqual(new Set(['unjudged']));
  expect(checks[5]?.findings[0]?.sentence).toContain('back in the queue');
});

test('a worker that gives a bad message back for ever is told so, and judged further', async () => {
  const giveBack = rightBut(isEmpty, ({ delivery }) => void delivery.settle('requeue'));
  // A broker with such a worker always has something to do: here time passes by itself.
  const { codes, checks } = await judged(giveBack, { clock: systemClock, timeoutMs: 500 });
  expect(codes).toEqual({ REQUEUED: ['empty'] });
  expect(checks.at(-1)?.outcome).toBe('passed');
});

test('a worker that answers nothing any more after a bad message is deaf', async () => {
  let isDeaf = false;
  const { codes, checks } = await judged((desk) => {
    isDeaf ||= isEmpty(desk);
    if (!isDeaf) right(desk);
  });
  expect(codes).toEqual({ DEAF: ['empty'], NO_FINAL_REPLY: ['empty'] });
  expect(checks.at(-1)?.outcome).toBe('unjudged');
});

test('a worker that fails good jobs after a bad one is spoiled', async () => {
  let isSpoiled = false;
  const { codes } = await judged((desk) => {
    isSpoiled ||= isEmpty(desk);
    if (isSpoiled && isValid(desk)) replies('started', 'failed')(desk);
    else right(desk);
  });
  expect(codes.SPOILED?.[0]).toBe('empty');
});

test('a final reply that comes a second time after a while is found at the end', async () => {
  let first: (() => void) | undefined;
  const { codes } = await judged((desk) => {
    if (desk.delivery.properties.replyTo?.startsWith('gone')) first?.();
    first ??= () => desk.reply('completed');
    right(desk);
  });
  expect(codes).toEqual({ FINAL_TWICE: ['left'] });
});

test('a value that must be refused and is not is told', async () => {
  const invalid = [
    { name: 'who', value: '' },
    { name: 'who', value: 1 },
  ];
  const { codes } = await judged(right, { invalid });
  expect(codes).toEqual({ COMPLETED_INVALID: ['invalid-1-who'] });
});

test('without a consumer, or with messages of others in the queue, nothing is sent', async () => {
  expect(await judged(null)).toMatchObject({ codes: { NOBODY_LISTENS: ['listens'] }, jobCount: 0 });
  const before = async (broker: MemoryBroker) => {
    const other = broker.connect();
    await other.open();
    const message = { exchange: '', routingKey: 'worker.greeter', body: new Uint8Array(), properties: {} };
    for (let n = 0; n < 200; n++) other.publish({ ...message, mandatory: false });
    await broker.idle();
  };
  const silent = await judged(() => undefined, { before });
  expect(silent).toMatchObject({ codes: { QUEUE_BUSY: ['listens'] }, jobCount: 0 });
});

test('what cannot be known is said, and is no defect', async () => {
  // Of its lines the broker would end its channel.
  const silent: ForeignWorker = (desk) => right({ ...desk, output: () => undefined });
  const { codes, outcome } = await judged(silent, { exchange: false, unacknowledged: async () => null });
  expect(codes).toEqual({ LINES_UNHEARD: ['listens'], SETTLEMENT_UNKNOWN: ['left'] });
  expect(outcome).toBe('passed');
});

test('a judge that loses its connection gives up', async () => {
  let cut: (() => void) | undefined;
  const lost = judged(
    rightBut(isEmpty, () => cut?.()),
    {
      before: (broker) => {
        cut = () => broker.cut('judge');
      },
    },
  );
  await expect(lost).rejects.toThrow(/lost its connection/);
});
