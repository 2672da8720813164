// Hands the configuration of a BIG-IP to the other devices of its group, and waits until all of them have it.
import { step } from 'needful-worker';
import { z } from 'zod';
import { BigIpError } from './session.js';
import * as visit from './visit.js';
import { afterLook, arriving, asking, leaving } from './visit-states.js';

export function configSync(plan: visit.Plan) {
  const grouped = Object.fromEntries(
    Object.entries(plan.environments).filter(([, { group }]) => group !== undefined),
  );
  return step({
    parameters: z.object({ envs: visit.environments(grouped) }),
    deadlineMs: plan.deadlineMs,
  }).machine({
    context: ({ parameters: { envs }, signal }) => visit.beginVisit(plan, { envs, signal }),
    guards: visit.guards<visit.Visit>(),
    initial: 'loggingIn',
    states: {
      ...arriving('synchronising'),
      synchronising: {
        description: 'Each BIG-IP is told to hand its configuration to its group.',
        ...asking,
        run: synchronise,
        done: { target: 'waiting' },
      },
      waiting: {
        description: 'Right after that, the status is still the old one.',
        waitMs: plan.pollMs,
        done: { target: 'checking' },
      },
      checking: {
        description: 'Are all devices of the group in sync?',
        ...asking,
        run: checkSync,
        done: afterLook,
      },
      ...leaving(plan),
    },
  });
}

const synchronise = visit.telling<visit.Visit, void>(async ({ context, signal, output }) => {
  for (const bigIp of context.bigIps) {
    await bigIp.sync(signal);
    output.info(`BIG-IP ${bigIp.name} synchronises`);
  }
});

/** Nothing comes of these by waiting. */
const hopeless = /disconnected|fail|standalone|incompatible/i;

const checkSync = visit.telling<visit.Visit, Partial<visit.Visit>>(async ({ context, signal, output }) => {
  const unlike: string[] = [];
  for (const bigIp of context.bigIps) {
    const { status, words } = await bigIp.syncStatus(signal);
    const line = `BIG-IP ${bigIp.name} is not in sync: ${words}`;
    if (hopeless.test(status)) throw new BigIpError('refused', line);
    if (status !== 'In Sync') unlike.push(line);
    output.debug(`BIG-IP ${bigIp.name}: ${words}`);
  }
  const now = visit.looked(context, unlike);
  if (now.isReached) output.info(`in sync: ${context.bigIps.map(({ name }) => name).join(', ')}`);
  return now;
});
