// The three steps of the BIG-IP worker at a small BIG-IP: what is changed there, and the states it takes.
import { describe, expect, it } from 'vitest';
import { hosts, member, open, pair, patches, place, play, stageEach, web } from './bigip-stage.js';

stageEach();

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
    expect(path()).toBe('loggingIn finding troubled givingUp refused');
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
