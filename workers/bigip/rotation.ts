// Puts hosts into rotation, or takes them out: all their members in all pools, and waits until that is so.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { step } from 'needful-worker';
import { z } from 'zod';
import type { Member } from './icontrol.js';
import { BigIpError } from './session.js';
import * as visit from './visit.js';
import { afterLook, arriving, asking, leaving } from './visit-states.js';

interface Rotation extends visit.Visit {
  readonly hosts: readonly string[];
  readonly members: readonly Member[];
}

export function rotation(direction: 'in' | 'out', plan: visit.Plan) {
  const to = direction === 'in' ? 'enabled' : plan.outOfRotation;
  return step({
    parameters: z.object({ envs: visit.environments(plan.environments).optional() }),
    hosts: 'required',
    deadlineMs: plan.deadlineMs,
  }).machine({
    context: ({ hosts, parameters: { envs = Object.keys(plan.environments) }, signal }): Rotation => ({
      ...visit.beginVisit(plan, { envs, signal }),
      hosts: [...new Set(hosts)],
      members: [],
    }),
    guards: visit.guards<Rotation>(),
    initial: 'loggingIn',
    states: {
      ...arriving('finding'),
      finding: {
        description: 'In which pools are the hosts? Nothing is changed unless each is found.',
        ...asking,
        run: findMembers,
        done: { target: 'changing' },
      },
      changing: {
        description: `The members become ${direction === 'in' ? 'enabled' : 'disabled, or forced offline'}.`,
        ...asking,
        run: changeMembers(to),
        done: { target: 'checking' },
      },
      checking: {
        description: direction === 'in' ? 'Are they enabled, and up?' : 'Have they no connections any more?',
        ...asking,
        run: checkMembers(direction),
        done: afterLook,
      },
      waiting: { description: 'Not yet.', waitMs: plan.pollMs, done: { target: 'checking' } },
      ...leaving(plan),
    },
  });
}

const findMembers = visit.telling<Rotation, Partial<Rotation>>(async ({ context, signal, output }) => {
  const all: Member[] = [];
  for (const bigIp of context.bigIps) all.push(...(await bigIp.members(signal)));
  const found = new Set<Member>();
  for (const host of context.hosts) {
    const names = [host.toLowerCase()];
    let own = all.filter(({ hosts }) => hosts.some((name) => names.includes(name)));
    // Most BIG-IPs know their hosts by address only.
    if (own.length === 0) {
      names.push(...(await addressesOf(host)));
      own = all.filter(({ hosts }) => hosts.some((name) => names.includes(name)));
    }
    const where = context.bigIps.map(({ name }) => name).join(', ');
    if (own.length === 0)
      throw new BigIpError('refused', `${host} is in no pool of BIG-IP ${where}, by name or by address`);
    for (const member of own) found.add(member);
  }
  const members = [...found];
  for (const { bigIp, name } of members) output.info(`found ${name} on BIG-IP ${bigIp.name}`);
  return { members };
});

/** None, where nobody knows the name. */
async function addressesOf(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

const changeMembers = (to: 'enabled' | visit.Plan['outOfRotation']) =>
  visit.telling<Rotation, void>(async ({ context, signal, output }) => {
    for (const member of context.members) {
      await member.bigIp.change(member, to, signal);
      output.info(`${member.name} on BIG-IP ${member.bigIp.name} becomes ${words[to]}`);
    }
  });

const words = { enabled: 'enabled', disabled: 'disabled', forcedOffline: 'forced offline' };

const checkMembers = (direction: 'in' | 'out') =>
  visit.telling<Rotation, Partial<Rotation>>(async ({ context, signal, output }) => {
    const unlike: string[] = [];
    for (const member of context.members) {
      const { isEnabled, isUp, connectionCount, words } = await member.bigIp.look(member, signal);
      const isReached = direction === 'in' ? isEnabled && isUp : !isEnabled && connectionCount === 0;
      const line = `${member.name} on BIG-IP ${member.bigIp.name} is ${words}`;
      if (!isReached) unlike.push(line);
      output.debug(line);
    }
    const now = visit.looked(context, unlike);
    if (now.isReached)
      output.info(`${context.hosts.join(', ')}: ${direction} ${direction === 'in' ? '' : 'of '}rotation`);
    return now;
  });
