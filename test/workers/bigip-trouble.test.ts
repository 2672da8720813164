// What goes wrong at a BIG-IP: what passes, what is said, and that no token is left behind.
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { turn } from '../adapters/bus.js';
import { hosts, member, open, pair, place, play, stageEach, web } from './bigip-stage.js';
import { faults } from './f5.js';

stageEach();

/** A promise in the test's hand. */
function holding() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

describe('trouble with a BIG-IP', () => {
  const requests = {
    'the login': /^POST .*login/,
    'the list': /^GET .*\/pool$/,
    'the change': /^PATCH/,
    'the look': /^GET .*\/stats$/,
  };
  const passing = { ...faults, reset: 'reset', 'reset after': 'reset after' } as const;
  const { noRights: _, ...kinds } = passing;
  const cases = Object.entries(requests).flatMap(([what, on]) =>
    Object.entries(kinds).map(([name, fault]) => [name, what, on, fault] as const),
  );

  it.each(cases)('%s at %s passes', async (_name, _what, on, fault) => {
    const f5 = await pair();
    f5.fail(on, fault, 2);
    const { send, path } = await play({ environments: { qa: place(f5) } });
    expect(await send('OutOfRotation', { hosts })).toMatchObject({ status: 'completed' });
    expect(path().match(/troubled recovering loggingIn/g)).toHaveLength(2);
    // What was given out before the connection broke can only expire.
    if (fault === 'reset after' && on.source.includes('login')) f5.tokens.clear();
  });

  it('gives up after as many attempts as the configuration allows', async () => {
    const f5 = await pair();
    f5.fail(/^PATCH/, faults.busy, 100);
    const { send, path } = await play({ environments: { qa: place(f5) }, retryCount: 1 });
    expect(await send('OutOfRotation', { hosts })).toEqual({
      status: 'failed',
      data: {
        reason:
          'BIG-IP qa cannot change web01:80 of /Common/web now: 503 There is an active asynchronous task executing.',
      },
    });
    const attempt = 'loggingIn finding changing';
    expect(path()).toBe(`${attempt} troubled recovering ${attempt} troubled givingUp refused`);
  });

  it('an expired token is replaced', async () => {
    const f5 = await pair();
    f5.member(web, '/Common/web01:80').connections = 3;
    const held = holding();
    f5.fail(/stats$/, { until: held.promise });
    const { send, path } = await play({ environments: { qa: place(f5) } });
    const ended = send('OutOfRotation', { hosts });
    await f5.heard(/stats$/);
    f5.expireTokens();
    held.resolve();
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(path()).toMatch(/checking troubled loggingIn finding/);
    expect(f5.given).toHaveLength(2);
  });

  it('no answer at all ends with the deadline of the state, and the next may come', async () => {
    const clock = new SimulatedClock();
    const f5 = await pair();
    f5.fail(/^PATCH/, 'silence');
    const { running, send, path } = await play({ environments: { qa: place(f5) }, pollMs: 5 }, { clock });
    const ended = send('OutOfRotation', { hosts: ['web02'] });
    await f5.heard(/^PATCH/);
    clock.increment(60_000);
    await running.reached('recovering');
    clock.increment(0);
    expect(await ended).toMatchObject({ status: 'completed' });
    expect(path()).toMatch(/^loggingIn finding changing troubled recovering loggingIn finding changing/);
  });

  it.each([
    [
      'a wrong password',
      { password: 'wrong' },
      'BIG-IP qa refused to log needful in: 401 Authentication failed.',
    ],
    [
      'nobody there',
      { url: 'http://127.0.0.1:1' },
      /BIG-IP qa was not reached to log needful in: ECONNREFUSED/,
    ],
    ['a name that nobody knows', { url: 'https://f5.invalid' }, /ENOTFOUND/],
  ])('%s is said', async (_name, more, reason) => {
    const f5 = await pair();
    const { send, path } = await play({ environments: { qa: place(f5, more) }, retryCount: 1 });
    const { status, data } = await send('OutOfRotation', { hosts });
    expect(status).toBe('failed');
    expect((data as { reason: string }).reason).toMatch(reason);
    expect(path()).toMatch(/givingUp refused$/);
    // A wrong password is not tried again: accounts are locked for that.
    expect(f5.requests.length).toBeLessThan(2);
  });

  it('a lack of rights is not taken for an expired token', async () => {
    const f5 = await pair();
    f5.fail(/^PATCH/, faults.noRights, 100);
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('OutOfRotation', { hosts })).toMatchObject({
      data: { reason: expect.stringContaining('401 Authorization failed') },
    });
    expect(f5.given).toHaveLength(1);
  });

  it('too many tokens are said', async () => {
    const f5 = await pair();
    f5.tokenLimit = 0;
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('OutOfRotation', { hosts })).toMatchObject({
      data: { reason: expect.stringContaining('maximum active login tokens') },
    });
  });

  it.each([
    ['/login', '<html>Welcome!</html>'],
    ['/login', {}],
    ['/pool$', { items: [{ fullPath: '/Common/p', membersReference: { items: [{}] } }] }],
    ['/stats$', { entries: {} }],
    ['/stats$', []],
  ])('an answer at %s that is none of a BIG-IP is said', async (on, body) => {
    const f5 = await pair();
    f5.fail(new RegExp(on), { status: 200, body });
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('OutOfRotation', { hosts })).toMatchObject({
      status: 'failed',
      data: { reason: expect.stringMatching(/^BIG-IP qa did not /) },
    });
  });

  it('a token that cannot be given back does not spoil what was done', async () => {
    const f5 = await pair();
    f5.fail(/^DELETE/, faults.restarting);
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('InRotation', { hosts })).toMatchObject({ status: 'completed' });
    expect(f5.live).toBe(1);
    f5.tokens.clear();
  });
});

describe('the end of a job in the middle of it', () => {
  it('a cancelled job looks no more, and gives its token back', async () => {
    const clock = new SimulatedClock();
    const f5 = await open({ pools: { [web]: [member('/Common/web01:80', { connections: 1, ends: 0 })] } });
    const { running, begin } = await play({ environments: { qa: place(f5) }, pollMs: 1000 }, { clock });
    const job = await begin('OutOfRotation', { hosts });
    await running.reached('waiting');
    running.send(job.correlationId, { type: 'cancel', reason: 'not today' });
    expect(await job.final()).toMatchObject({ status: 'failed', data: { code: 'CANCELLED' } });
    await f5.heard(/^DELETE/);
    const before = f5.requests.length;
    clock.increment(10_000);
    await turn();
    expect(f5.requests.length).toBe(before);
  });

  it('a job that ran too long gives its token back', async () => {
    const clock = new SimulatedClock();
    const f5 = await open({ pools: { [web]: [member('/Common/web01:80', { connections: 1, ends: 0 })] } });
    const config = { environments: { qa: place(f5) }, pollMs: 10_000, deadlineMs: 5_000 };
    const { running, begin } = await play(config, { clock });
    const job = await begin('OutOfRotation', { hosts });
    await running.reached('waiting');
    clock.increment(5_000);
    expect(await job.final()).toMatchObject({ data: { code: 'DEADLINE_PASSED' } });
    await f5.heard(/^DELETE/);
  });

  it('a token that comes after the job was cancelled is given back at once', async () => {
    const f5 = await pair();
    const held = holding();
    f5.fail(/login/, { until: held.promise });
    const { running, begin } = await play({ environments: { qa: place(f5) } });
    const job = await begin('OutOfRotation', { hosts });
    await f5.heard(/login/);
    running.send(job.correlationId, { type: 'cancel' });
    expect(await job.final()).toMatchObject({ data: { code: 'CANCELLED' } });
    expect(f5.live).toBe(1);
    held.resolve();
    await f5.heard(/^DELETE/);
    expect(f5.requests).toHaveLength(2);
  });
});
