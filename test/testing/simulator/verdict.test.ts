// The judge of a run, on books that the test writes: whatever is no declared cost is a broken promise.
import { beforeEach, describe, expect, test } from 'vitest';
import type { BrokerEvent } from '../../../adapters/memory/index.js';
import { releaseEngine } from '../../../src/contract/release-engine.js';
import { Ledger } from '../../../src/testing/simulator/ledger.js';
import { type Costs, type Crew, judge, noCosts } from '../../../src/testing/simulator/verdict.js';
import type { Message, Outcome } from '../../../src/transport.js';

const queue = 'worker.w';
let ledger: Ledger;
let lastDelivery: number;
let crew: Crew;

beforeEach(() => {
  ledger = new Ledger({ queue, deadLetterExchange: 'dead' });
  lastDelivery = 0;
  crew = {
    acknowledge: 'received',
    unknownReply: 'resend',
    laneCount: 2,
    crashed: new Set(),
    cutOff: new Set(),
    disturbed: new Set(),
    cancelled: new Set(),
  };
});

const address = { replyTo: 'replies', correlationId: 'j' };
const job = releaseEngine.encodeJob({ step: 'w:Do' }, address);
const tap = (event: BrokerEvent) => void ledger.tap(event);

const send = () =>
  tap({ type: 'published', message: job, connection: 'operator', purpose: 'jobs', queues: [queue] });
const give = (worker = 'w1', redelivered = false) => {
  lastDelivery += 1;
  const seen = { message: job, connection: worker, queue, delivery: lastDelivery };
  tap({ type: 'delivered', consumerTag: 'c', redelivered, ...seen });
  return (how: 'acknowledge' | 'requeue' | 'reject' | 'lost') => tap({ type: 'settled', how, ...seen });
};
const reply = (status: 'started' | 'completed' | 'failed', { worker = 'w1', queues = ['replies'] } = {}) => {
  const messageId = `${worker}-${lastDelivery}-${status}`;
  const message: Message = releaseEngine.encodeReply({ status }, { address, appId: 'w', messageId });
  tap({ type: 'published', message, connection: worker, purpose: 'jobs', queues });
  return (outcome: Outcome) => ledger.link({ type: 'answered', connection: worker, message, outcome });
};
const verdict = (changes: Partial<Crew> = {}) => judge(ledger, { ...crew, ...changes });
const costs = (changes: Partial<Costs>) => ({ broken: [], costs: { ...noCosts, ...changes } });

const wellDone = () => {
  give()('acknowledge');
  reply('started')('confirmed');
  reply('completed')('confirmed');
};

test('a job that was done and answered costs nothing', () => {
  send();
  wellDone();
  expect(verdict()).toEqual(costs({}));
});

describe('a job without a final reply', () => {
  beforeEach(() => {
    send();
    give()('acknowledge');
    reply('started')('confirmed');
  });

  test('is a broken promise', () => {
    expect(verdict().broken).toContain('j: w1 kept it and sent no final reply');
  });

  test('is a cost where its worker crashed after an early ack, and only there', () => {
    expect(verdict({ crashed: new Set(['w1']) })).toEqual(costs({ lostByCrash: 1 }));
    expect(verdict({ crashed: new Set(['w2']) }).broken).not.toEqual([]);
    expect(verdict({ crashed: new Set(['w1']), acknowledge: 'settled' }).broken).not.toEqual([]);
  });

  test('is a cost where its worker was stopped without a broker', () => {
    expect(verdict({ cutOff: new Set(['w1']) })).toEqual(costs({ lostByStop: 1 }));
  });

  test('is a cost where a policy gives up an unknown reply', () => {
    const disturbed = new Set(['w1']);
    expect(verdict({ unknownReply: 'giveUp', disturbed })).toEqual(costs({ givenUp: 1 }));
    expect(verdict({ unknownReply: 'giveUp' }).broken).not.toEqual([]);
    expect(verdict({ disturbed }).broken).not.toEqual([]);
  });

  test('is none where it is kept as a dead letter', () => {
    const message = { ...job, exchange: 'dead' };
    tap({ type: 'published', message, connection: 'w1', purpose: 'jobs', queues: ['dead'] });
    expect(verdict()).toEqual(costs({}));
  });
});

test('a worker that crashes loses no more jobs than it has lanes', () => {
  for (let count = 0; count < 3; count++) {
    send();
    give()('acknowledge');
    reply('started')('confirmed');
  }
  expect(verdict({ crashed: new Set(['w1']) }).broken).toEqual(['w1 ended with 3 jobs in 2 lanes']);
});

describe('a final reply that comes again', () => {
  test('after an unknown confirm is a cost, unless the policy gives up', () => {
    send();
    give()('acknowledge');
    reply('started')('confirmed');
    reply('completed');
    reply('completed')('confirmed');
    expect(verdict()).toEqual(costs({ resent: 1 }));
    expect(verdict({ unknownReply: 'giveUp' }).broken).toEqual(['j: its final reply was sent again']);
  });

  test('after a confirm that was heard is a broken promise', () => {
    send();
    wellDone();
    reply('completed')('confirmed');
    expect(verdict().broken.join()).toMatch(/sent again though its sender had heard that it was confirmed/);
  });
});

describe('a job that is answered twice', () => {
  test('is a cost where the broker never read the ack of the first', () => {
    send();
    const settle = give();
    reply('started')('confirmed');
    reply('completed');
    settle('lost');
    give('w2', true)('acknowledge');
    reply('started', { worker: 'w2' })('confirmed');
    reply('completed', { worker: 'w2' })('confirmed');
    expect(verdict()).toEqual(costs({ repeated: 1 }));
  });

  test('is a broken promise where it was acknowledged', () => {
    send();
    give()('acknowledge');
    give('w2', true)('acknowledge');
    for (const worker of ['w1', 'w2']) {
      reply('started', { worker })('confirmed');
      reply('completed', { worker })('confirmed');
    }
    expect(verdict().broken).toContain('j: it was answered 2 times');
  });

  test('is none where the bus gave it twice', () => {
    send();
    send();
    wellDone();
    wellDone();
    expect(verdict()).toEqual(costs({}));
  });
});

describe('what is broken, whatever was lost', () => {
  beforeEach(send);
  const alsoIf = { crashed: new Set(['w1']), disturbed: new Set(['w1']) };

  test('two answers for one delivery', () => {
    wellDone();
    reply('failed')('confirmed');
    expect(verdict(alsoIf).broken).toContain('j: w1 answered it 2 times');
  });

  test('`completed` without `started`', () => {
    give()('acknowledge');
    reply('completed')('confirmed');
    expect(verdict(alsoIf).broken).toContain('j: w1 sent `completed` without `started`');
  });

  test('`started` for a second time', () => {
    give()('acknowledge');
    reply('started');
    reply('started')('confirmed');
    reply('completed')('confirmed');
    expect(verdict(alsoIf).broken).toContain('j: `started` was sent again');
  });

  test('a delivery that is never settled', () => {
    give();
    reply('started')('confirmed');
    reply('completed')('confirmed');
    expect(verdict(alsoIf).broken).toContain('j: w1 never settled it');
  });

  test('a job that is done though nobody waits for it', () => {
    give()('acknowledge');
    reply('started', { queues: [] })('returned');
    reply('completed', { queues: [] })('returned');
    expect(verdict(alsoIf).broken).toContain('j: it was done though nobody waits');
  });

  test('a job that no worker was ever given', () => {
    expect(verdict(alsoIf).broken).toContain("j: it is in nobody's hand and was never given to a worker");
  });
});

test('a job whose reply the broker refuses is counted', () => {
  send();
  give()('acknowledge');
  const sender = { address, appId: 'w', messageId: 'm' };
  const message = releaseEngine.encodeReply({ status: 'started' }, sender);
  ledger.link({ type: 'answered', connection: 'w1', message, outcome: 'refused' });
  expect(verdict()).toEqual(costs({ refused: 1 }));
});

test('a transient job that goes with its broker is counted', () => {
  send();
  ledger.link({ type: 'dropped', queue, message: job });
  expect(verdict()).toEqual(costs({ droppedByBroker: 1 }));
});
