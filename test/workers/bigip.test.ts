// The BIG-IP worker at a small BIG-IP: each step, the states it goes through, and that no token is left behind.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { Worker } from '../../src/worker/definition.js';
import type { WorkerOptions } from '../../src/worker/running-worker.js';
import bigip from '../../workers/bigip.js';
import { turn } from '../adapters/bus.js';
import { Stage, type StagedWorker } from '../worker/stage.js';
import { F5, type F5Options, faults, user } from './f5.js';

let stage: Stage;
const f5s: F5[] = [];
beforeEach(() => {
  stage = new Stage();
});
afterEach(async () => {
  await stage.end();
  for (const f5 of f5s.splice(0)) {
    expect(f5.live).toBe(0);
    await f5.end();
  }
});

async function open(options: F5Options = {}): Promise<F5> {
  const f5 = await new F5(options).listen();
  f5s.push(f5);
  return f5;
}

const web = '/Common/web';
const member = (fullPath: string, more: object = {}) => ({ fullPath, ...more });
const pair = () =>
  open({
    group: 'pair',
    pools: {
      [web]: [member('/Common/web01:80'), member('/Common/web02:80')],
      '/Shop/secure': [member('/Shop/web01:443', { monitored: false })],
      '/Common/empty': [],
    },
  });

type Config = Parameters<typeof bigip>[0];
const place = (f5: F5, more: object = {}) => ({ url: f5.url, ...user, group: 'pair', ...more });
const quick = { pollMs: 0, retryMs: 0 };
const workerOf = (config: Config) => bigip({ ...quick, ...config }) as Worker;

interface Played {
  readonly running: StagedWorker;
  /** Sends the job and waits for its end. */
  send(step: string, request?: object): Promise<{ readonly status: string; readonly data?: unknown }>;
  /** States of the step's machine, in order. */
  path(): string;
}

async function play(config: Config, options: Partial<WorkerOptions> = {}): Promise<Played> {
  const running = await stage.play(workerOf(config), options);
  return {
    running,
    async send(step, request = {}) {
      const job = await stage.engine.send(`bigip:${step}`, request);
      const { status, data } = await job.final();
      expect(job.statuses.filter((said) => said !== 'started')).toHaveLength(1);
      return { status, data };
    },
    path: () =>
      running.transitions.all
        .filter(({ machine }) => machine === 'step')
        .map(({ to }) => to)
        .join(' '),
  };
}

/** A promise in the test's hand. */
function holding() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}

const hosts = ['web01'];
const patches = (f5: F5) =>
  f5.asked.all.filter(({ what }) => what.startsWith('PATCH')).map(({ body }) => JSON.parse(body));

describe('bigip:OutOfRotation', () => {
  it('takes a host out of all its pools, and waits until its connections have ended', async () => {
    const f5 = await pair();
    f5.member(web, '/Common/web01:80').connections = 2;
    const { send, path } = await play({ environments: { qa: place(f5) } });
    expect(await send('OutOfRotation', { hosts })).toEqual({ status: 'completed', data: undefined });
    expect(path()).toBe(
      'loggingIn finding changing checking waiting checking waiting checking loggingOut reached',
    );
    const forced = { session: 'user-disabled', state: 'user-down' };
    expect(patches(f5)).toEqual([forced, forced]);
    expect(f5.member(web, '/Common/web01:80').forcedDown).toBe(true);
    expect(f5.member('/Shop/secure', '/Shop/web01:443').forcedDown).toBe(true);
    expect(f5.member(web, '/Common/web02:80').session).toBe('user-enabled');
    expect(f5.requests.at(-1)).toBe('DELETE /mgmt/shared/authz/tokens/TOKEN');
  });

  it('disables only, where the configuration says so', async () => {
    const f5 = await pair();
    const { send } = await play({ environments: { qa: place(f5) }, outOfRotation: 'disabled' });
    expect(await send('OutOfRotation', { hosts: ['web02'] })).toMatchObject({ status: 'completed' });
    expect(patches(f5)).toEqual([{ session: 'user-disabled', state: 'user-up' }]);
  });

  it('fails when connections do not end, and leaves the host out', async () => {
    const f5 = await open({ pools: { [web]: [member('/Common/web01:80', { connections: 7, ends: 0 })] } });
    const { send, path } = await play({ environments: { qa: place(f5) }, pollCount: 2 });
    expect(await send('OutOfRotation', { hosts })).toEqual({
      status: 'failed',
      data: {
        reason:
          'not so in time: web01:80 of /Common/web on BIG-IP qa is disabled, forced-down, 7 connections: Forced down',
      },
    });
    expect(path()).toBe('loggingIn finding changing checking waiting checking givingUp refused');
    expect(f5.member(web, '/Common/web01:80').forcedDown).toBe(true);
  });

  it('changes nothing unless every host is found', async () => {
    const f5 = await pair();
    const { send, path } = await play({ environments: { qa: place(f5) } });
    expect(await send('OutOfRotation', { hosts: ['web01', 'web09.invalid'] })).toEqual({
      status: 'failed',
      data: { reason: 'web09.invalid is in no pool of BIG-IP qa, by name or by address' },
    });
    expect(path()).toBe('loggingIn finding givingUp refused');
    expect(patches(f5)).toEqual([]);
  });

  it('refuses a job without hosts, and an environment that is not there, before it logs in', async () => {
    const f5 = await pair();
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('OutOfRotation')).toMatchObject({ data: { code: 'HOSTS_REQUIRED' } });
    expect(await send('OutOfRotation', { hosts, parameters: { envs: ['prod'] } })).toMatchObject({
      data: { code: 'PARAMETERS_INVALID', message: expect.stringContaining('expected one of qa') },
    });
    expect(f5.requests).toEqual([]);
  });
});

describe('bigip:InRotation', () => {
  it('enables a host, and waits until its monitor finds it up', async () => {
    const f5 = await open({
      pools: { [web]: [member('/Common/web01:80', { session: 'user-disabled', forcedDown: true })] },
    });
    const { send, path } = await play({ environments: { qa: place(f5) } });
    expect(await send('InRotation', { hosts })).toMatchObject({ status: 'completed' });
    expect(patches(f5)).toEqual([{ session: 'user-enabled', state: 'user-up' }]);
    expect(path()).toBe('loggingIn finding changing checking waiting checking loggingOut reached');
  });

  it.each([
    ['its monitor finds it down', { health: 'down' }, 'enabled, down'],
    ['its node is disabled', { nodeDisabled: true }, 'disabled-by-parent, up'],
  ])('fails when %s', async (_why, more, words) => {
    const f5 = await open({ pools: { [web]: [member('/Common/web01:80', more)] } });
    const { send } = await play({ environments: { qa: place(f5) }, pollCount: 2 });
    expect(await send('InRotation', { hosts })).toMatchObject({
      status: 'failed',
      data: { reason: expect.stringContaining(words) },
    });
  });

  it.each([
    ['WEB01.example.com', { fullPath: '/Common/web01.example.com:80' }],
    ['192.0.2.5', { fullPath: '/Common/web01:80', address: '192.0.2.5%10' }],
    ['192.0.2.5', { fullPath: '/Common/192.0.2.5%10:80', address: '192.0.2.5%10' }],
    ['2001:db8::1', { fullPath: '/Common/2001:db8::1.80', address: '2001:db8::1' }],
    // Looked up, as no member is called so.
    ['localhost', { fullPath: '/Common/127.0.0.1:80', address: '127.0.0.1' }],
    ['web01', { fullPath: '/Common/shop/web01:80' }],
  ])('finds %s', async (host, found) => {
    const f5 = await open({ pools: { '/Common/shop/p': [{ ...found, session: 'user-disabled' as const }] } });
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('InRotation', { hosts: [host] })).toMatchObject({ status: 'completed' });
    expect(patches(f5)).toHaveLength(1);
  });

  it('looks for a host on all BIG-IPs, or on those that the job names', async () => {
    const [qa, prod] = [await pair(), await pair()];
    const { send } = await play({ environments: { qa: place(qa), prod: place(prod) } });
    expect(await send('InRotation', { hosts, parameters: { envs: ['prod'] } })).toMatchObject({
      status: 'completed',
    });
    expect([qa.requests.length, patches(prod).length]).toEqual([0, 2]);
    expect(await send('InRotation', { hosts })).toMatchObject({ status: 'completed' });
    expect([patches(qa).length, patches(prod).length]).toEqual([2, 4]);
  });
});

describe('bigip:ConfigSync', () => {
  const parameters = { envs: ['qa'] };

  it('hands the configuration to the group, and waits until all devices have it', async () => {
    const f5 = await pair();
    const { send, path } = await play({ environments: { qa: place(f5) } });
    expect(await send('ConfigSync', { parameters })).toEqual({ status: 'completed', data: undefined });
    const [asked] = await f5.heard(/^POST \/mgmt\/tm\/cm$/);
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      command: 'run',
      utilCmdArgs: 'config-sync to-group pair',
    });
    expect(path()).toBe(
      'loggingIn synchronising waiting checking waiting checking waiting checking loggingOut reached',
    );
  });

  it('does not wait for another group of the same device', async () => {
    const f5 = await pair();
    f5.deviceStatus = 'Changes Pending';
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('ConfigSync', { parameters })).toMatchObject({ status: 'completed' });
  });

  it.each(['Disconnected', 'Sync Failure', 'Incompatible Version'])('fails at once on %s', async (status) => {
    const f5 = await pair();
    f5.syncing = ['Syncing', status];
    const { send } = await play({ environments: { qa: place(f5) } });
    expect(await send('ConfigSync', { parameters })).toEqual({
      status: 'failed',
      data: {
        reason: `BIG-IP qa is not in sync: pair (${status}): what the BIG-IP has to say about it`,
      },
    });
  });

  it('fails when the group is never in sync', async () => {
    const f5 = await pair();
    f5.syncing = ['Not All Devices Synced'];
    const { send, path } = await play({ environments: { qa: place(f5) }, pollCount: 2 });
    expect(await send('ConfigSync', { parameters })).toMatchObject({
      status: 'failed',
      data: { reason: expect.stringMatching(/^not so in time: BIG-IP qa is not in sync: pair \(Not All/) },
    });
    expect(path()).toMatch(/ checking givingUp refused$/);
  });

  it("says a group that is not there in the BIG-IP's words", async () => {
    const f5 = await pair();
    const { send } = await play({ environments: { qa: place(f5, { group: 'triple' }) } });
    const { data } = await send('ConfigSync', { parameters });
    expect(data).toEqual({
      reason:
        'BIG-IP qa refused to synchronise to triple: 400 01070734:3: Configuration error: Device group (triple) not found in device group sync',
    });
  });

  it('fails on a BIG-IP that stands alone', async () => {
    const f5 = await pair();
    f5.deviceStatus = 'Standalone';
    const { send } = await play({ environments: { qa: place(f5, { group: 'pair' }) } });
    f5.syncing = ['Standalone'];
    expect(await send('ConfigSync', { parameters })).toMatchObject({
      data: { reason: expect.stringContaining('Standalone') },
    });
  });

  it.each([[{}], [{ envs: [] }], [{ envs: 'qa' }], [{ envs: ['prod'] }], [{ envs: ['alone'] }]])(
    'refuses %j',
    async (given) => {
      const f5 = await pair();
      const { group: _, ...alone } = place(f5);
      const { send } = await play({ environments: { qa: place(f5), alone } });
      expect(await send('ConfigSync', { parameters: given })).toMatchObject({
        data: { code: 'PARAMETERS_INVALID' },
      });
      expect(f5.requests).toEqual([]);
    },
  );
});

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
    expect(path().match(/recovering tryingAgain loggingIn/g)).toHaveLength(2);
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
    expect(path()).toBe(`${attempt} recovering tryingAgain ${attempt} givingUp refused`);
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
    expect(path()).toMatch(/checking loggingIn finding/);
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
    expect(path()).toMatch(/^loggingIn finding changing recovering tryingAgain loggingIn finding changing/);
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
    const { running } = await play({ environments: { qa: place(f5) }, pollMs: 1000 }, { clock });
    const job = await stage.engine.send('bigip:OutOfRotation', { hosts });
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
    const { running } = await play(config, { clock });
    const job = await stage.engine.send('bigip:OutOfRotation', { hosts });
    await running.reached('waiting');
    clock.increment(5_000);
    expect(await job.final()).toMatchObject({ data: { code: 'DEADLINE_PASSED' } });
    await f5.heard(/^DELETE/);
  });

  it('a token that comes after the job was cancelled is given back at once', async () => {
    const f5 = await pair();
    const held = holding();
    f5.fail(/login/, { until: held.promise });
    const { running } = await play({ environments: { qa: place(f5) } });
    const job = await stage.engine.send('bigip:OutOfRotation', { hosts });
    await f5.heard(/login/);
    running.send(job.correlationId, { type: 'cancel' });
    expect(await job.final()).toMatchObject({ data: { code: 'CANCELLED' } });
    expect(f5.live).toBe(1);
    held.resolve();
    await f5.heard(/^DELETE/);
    expect(f5.requests).toHaveLength(2);
  });
});
