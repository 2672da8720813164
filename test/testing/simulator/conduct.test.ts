// How workers conduct themselves, on a bus that the test writes: each thing that none may do, and what excuses it.
import { beforeEach, describe, expect, test } from 'vitest';
import type { BrokerEvent } from '../../../adapters/memory/index.js';
import { releaseEngine } from '../../../src/contract/release-engine.js';
import { mayBeTold } from '../../../src/testing/simulator/answers.js';
import { Conduct, type ConductCrew, type ConductPolicy } from '../../../src/testing/simulator/conduct.js';
import type { JobKind, PlannedJob } from '../../../src/testing/simulator/plan.js';
import { wrongAtRest, wrongWhileWaiting } from '../../../src/testing/simulator/waiting.js';
import type { Message, Outcome } from '../../../src/transport.js';

const queue = 'worker.w';
const address = { replyTo: 'replies', correlationId: 'j' };
const message = releaseEngine.encodeJob({ step: 'w:Do' }, address);
const letter: Message = { ...message, exchange: 'dead' };
const replied = (status: 'started' | 'completed' | 'failed', data?: unknown) =>
  releaseEngine.encodeReply(data === undefined ? { status } : { status, data }, {
    address,
    appId: 'w',
    messageId: status,
  });
const facts = ['crashed', 'cutOff', 'disturbed', 'doubted', 'cancelled', 'stopped'] as const;

let crew: ConductCrew & Record<(typeof facts)[number], Set<string>>;
let job: PlannedJob;
let lastDelivery: number;

beforeEach(() => {
  const sets = Object.fromEntries(facts.map((fact) => [fact, new Set<string>()]));
  crew = {
    ...(sets as Record<(typeof facts)[number], Set<string>>),
    isHindered: () => false,
    hasLeft: () => false,
  };
  job = { is: 'quick', afterMs: 0, takesMs: 7, persistent: true };
  lastDelivery = 0;
});

function watched(policy: Partial<ConductPolicy> = {}) {
  const conduct = new Conduct({
    queue,
    deadLetterExchange: 'dead',
    policy: {
      acknowledge: 'received',
      unknownReply: 'resend',
      keepsDeadLetters: false,
      attempts: 1,
      ...policy,
    },
    stepDeadlineMs: 20_000,
    crew,
    jobOf: () => job,
    replyQueueOf: () => 'replies',
  });
  const answer = (sent: Message, outcome: Outcome) =>
    conduct.link({ type: 'answered', connection: 'w1', message: sent, outcome });
  const send = (sent: Message, outcome: Outcome | null = 'confirmed') => {
    const queues = outcome === 'returned' ? [] : ['some'];
    if (outcome !== 'refused')
      conduct.tap({ type: 'published', message: sent, connection: 'w1', purpose: 'jobs', queues });
    if (outcome !== null) answer(sent, outcome);
  };
  const give = (redelivered = false) => {
    lastDelivery += 1;
    const seen = { message, connection: 'w1', queue, delivery: lastDelivery };
    conduct.tap({ type: 'delivered', consumerTag: 'c', redelivered, ...seen });
    conduct.link({ type: 'heard', connection: 'w1', delivery: lastDelivery });
    return (how: (BrokerEvent & { type: 'settled' })['how']) =>
      conduct.tap({ type: 'settled', how, ...seen });
  };
  const leave = () => conduct.link({ type: 'left', connection: 'w1', lost: false });
  return { conduct, send, give, leave, answer, end: () => conduct.end() };
}

test('what is done in its time and for a reason is nothing to speak of', () => {
  const early = watched();
  early.give()('acknowledge');
  early.send(replied('started'));
  early.conduct.begun('j');
  early.send(replied('completed', 7));
  expect(early.end()).toEqual([]);
  const late = watched({ acknowledge: 'settled', keepsDeadLetters: true });
  const settle = late.give();
  late.send(replied('started'));
  late.send(replied('completed', 7));
  settle('acknowledge');
  job = { ...job, is: 'invalid', takesMs: 0 };
  const reject = late.give();
  late.send(replied('failed', { code: 'PARAMETERS_INVALID' }));
  late.send(letter);
  reject('reject');
  expect(late.end()).toEqual([]);
});

describe('a delivery', () => {
  test('is acknowledged once its final reply is confirmed, where that is the policy', () => {
    const { give, send, end } = watched({ acknowledge: 'settled' });
    const settle = give();
    send(replied('started'));
    send(replied('completed', 7), null);
    settle('acknowledge');
    expect(end()).toEqual(['j: w1 acknowledged it before its final reply was confirmed']);
  });

  test('is rejected once its dead letter is confirmed, or was sent by one who hears no confirms', () => {
    job = { ...job, is: 'mute' };
    const { give, send, end } = watched({ acknowledge: 'settled', keepsDeadLetters: true });
    const settle = give();
    send(letter, null);
    settle('reject');
    expect(end()).toEqual(['j: w1 rejected it before its dead letter was confirmed']);
    crew.disturbed.add('w1');
    const other = watched({ acknowledge: 'settled', keepsDeadLetters: true });
    const reject = other.give();
    other.send(letter, null);
    reject('reject');
    expect(other.end()).toEqual([]);
  });

  test('is answered before it is lost, and begun after it was acknowledged', () => {
    const late = watched({ acknowledge: 'settled' });
    const lose = late.give();
    late.send(replied('started'));
    lose('lost');
    late.send(replied('completed', 7));
    expect(late.end()).toEqual(['j: w1 sent `completed` when it had lost its delivery']);
    const early = watched();
    early.give();
    early.send(replied('started'));
    expect(early.end()).toEqual(['j: w1 sent `started` when it had not acknowledged it']);
  });

  test('goes back before it is answered, and before its worker ends', () => {
    const { give, send, end } = watched({ acknowledge: 'settled' });
    const settle = give();
    send(replied('started'));
    send(replied('completed', 7));
    settle('requeue');
    expect(end()).toEqual(['j: w1 gave it back though it had answered it']);
    const other = watched({ acknowledge: 'settled' });
    const lose = other.give();
    other.leave();
    lose('lost');
    expect(other.end()).toEqual(['j: w1 ended without giving it back']);
  });

  test('is not begun by one who stops, nor a second time where that is the policy', () => {
    const again = watched({ redelivered: 'fail' });
    again.give(true)('acknowledge');
    again.send(replied('started'));
    expect(again.end()).toEqual(['j: w1 began it again though it may not']);
    crew.stopped.add('w1');
    const { give, end } = watched();
    give()('acknowledge');
    expect(end()).toEqual(['j: w1 began it while it stopped']);
    crew.hasLeft = () => true;
    const gone = watched();
    gone.give()('requeue');
    expect(gone.end()).toEqual(['j: w1 was given it long after its stop']);
  });
});

describe('a dead letter', () => {
  test('is sent once, and for a reason', () => {
    const { give, send, end } = watched({ keepsDeadLetters: true });
    give()('acknowledge');
    send(letter);
    send(letter);
    expect(end()).toEqual(['j: w1 sent 2 dead letters of it', 'j: w1 made it a dead letter for no reason']);
  });

  test('is sent where nobody takes the answer', () => {
    const { give, send, end } = watched({ keepsDeadLetters: true });
    give()('acknowledge');
    send(replied('started'), 'returned');
    expect(end()).toEqual(['j: w1 kept no dead letter of it']);
    crew.stopped.add('w1');
    crew.disturbed.add('w1');
    expect(end()).toHaveLength(1);
  });
});

describe('a final reply', () => {
  const begun = (policy: Partial<ConductPolicy> = {}) => {
    const bus = watched(policy);
    bus.give()('acknowledge');
    bus.send(replied('started'));
    return bus;
  };

  test('goes where somebody waits for it', () => {
    const { send, end } = begun();
    send({ ...replied('completed', 7), routingKey: 'elsewhere' });
    expect(end()).toEqual(['j: w1 answered it at elsewhere']);
  });

  test('is sent again where a confirm may have been lost, and while the broker refuses it', () => {
    const again = begun();
    again.send(replied('completed', 7));
    again.send(replied('completed', 7));
    expect(again.end()).toEqual(['j: w1 sent its final reply again though no confirm was lost']);
    crew.doubted.add('w1');
    expect(begun().end()).toEqual([]);
    const refused = begun();
    for (let count = 0; count < 7; count++) refused.send(replied('completed', 7), 'refused');
    expect(refused.end()).toEqual(['j: w1 gave up its final reply after it was refused 7 times']);
    refused.conduct.wrongs.clear();
    refused.send(replied('completed', 7), 'refused');
    expect(refused.end()).toEqual([]);
  });

  test('says what the job came to, where that is known', () => {
    const { send, end } = begun();
    send(replied('completed', 8));
    expect(end()).toEqual(['j: w1 told `completed` of a job that is quick']);
    const foreign = watched({ attempts: undefined } as unknown as ConductPolicy);
    foreign.give()('acknowledge');
    foreign.send(replied('failed', 8));
    expect(foreign.end()).toEqual([]);
  });
});

describe('a step', () => {
  test('is begun as often as it may be', () => {
    job = { ...job, is: 'failing' };
    const { give, conduct, end } = watched({ attempts: 2 });
    give()('acknowledge');
    for (let count = 0; count < 3; count++) conduct.begun('j');
    expect(end()).toEqual(['j: its step was begun 3 times, 2 at most']);
    job = { ...job, takesMs: 8 };
    const final = watched({ attempts: 2 });
    final.give()('acknowledge');
    for (let count = 0; count < 2; count++) final.conduct.begun('j');
    expect(final.end()).toEqual(['j: its step was begun 2 times, 1 at most']);
  });

  test('is told when its job is given up', () => {
    const { give, conduct, end } = watched();
    give()('acknowledge');
    conduct.ended('j');
    expect(end()).toEqual([]);
    crew.cancelled.add('j');
    conduct.ended('j');
    expect(end()).toEqual(['j: its step was not told that it had been given up']);
  });
});

test('what a job may be told depends on what it is, and on what befell it', () => {
  const rules = { stepDeadlineMs: 20_000, attempts: 1 };
  const calm = { cancelled: false, disturbed: false, refusedAgain: false };
  const may = (is: JobKind, reply: Parameters<typeof mayBeTold>[1]['reply'], befallen = calm, takesMs = 4) =>
    mayBeTold({ ...job, is, takesMs }, { reply, befallen, rules });
  const failed = (code: string) => ({ status: 'failed', data: { code } }) as const;
  expect(may('invalid', { status: 'started' })).toBe(false);
  expect(may('invalid', failed('PARAMETERS_INVALID'))).toBe(true);
  expect(may('invalid', failed('STEP_UNKNOWN'), calm, 5)).toBe(true);
  expect(may('quick', { status: 'completed', data: 4 })).toBe(true);
  expect(may('failing', { status: 'completed', data: 4 })).toBe(false);
  expect(may('failing', { status: 'failed', data: { why: 'on purpose' } })).toBe(true);
  expect(may('throwing', failed('STEP_THREW'))).toBe(true);
  expect(may('throwing', failed('DEADLINE_PASSED'))).toBe(false);
  expect(may('flaky', { status: 'completed', data: 1 })).toBe(true);
  expect(may('endless', failed('DEADLINE_PASSED'))).toBe(true);
  expect(may('slow', { status: 'completed', data: 21_000 }, calm, 21_000)).toBe(false);
  expect(may('slow', failed('DEADLINE_PASSED'), calm, 21_000)).toBe(true);
  for (const [befell, code] of [
    ['cancelled', 'CANCELLED'],
    ['disturbed', 'REPLY_UNKNOWN'],
    ['refusedAgain', 'REDELIVERED'],
  ] as const) {
    expect(may('quick', failed(code))).toBe(false);
    expect(may('quick', failed(code), { ...calm, [befell]: true })).toBe(true);
  }
});

test('a worker waits and rests in states that fit', () => {
  const member = (state: string, lane: string, ready = false) => ({
    name: 'w1',
    stopping: true,
    worker: { status: () => ({ state, ready, lanes: [{ state: lane }] }) as never },
  });
  const of = (worker: ReturnType<typeof member>, isBlocked = false) => ({
    members: [worker],
    isBlocked: () => isBlocked,
  });
  expect(wrongWhileWaiting(of(member('draining.reconnecting', 'replyUnknown')))).toEqual([]);
  expect(wrongWhileWaiting(of(member('draining.connected', 'replyUnknown')))).toEqual([
    'w1 does not send again what may not have arrived, though it could',
  ]);
  expect(wrongWhileWaiting(of(member('listening.flowing', 'listening', true), true))).toEqual([
    'w1 is ready though its broker takes nothing',
  ]);
  expect(wrongAtRest(of(member('listening.flowing', 'listening')))).toEqual([]);
  expect(wrongAtRest(of(member('listening.flowing', 'failed')))).toEqual([
    'w1 is at rest with a lane in failed',
  ]);
});
