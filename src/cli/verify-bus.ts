// `needful verify --queue`: a running worker judged from outside. With --json stdout has one object a line, by `type`:
//   check    { name, title, outcome, findings: [{ code, severity, sentence }], durationMs }: outcome passed, broken, unjudged
//   verdict  { queue, step, address, outcome, codes, jobCount, replyCount, durationMs }: outcome passed or broken
//   error    { code, message, remedy, exit }; then nothing follows
import { setTimeout as delay } from 'node:timers/promises';
import { NeedfulError } from '../contract/errors.js';
import { queueName, splitStep, workerTopology } from '../contract/names.js';
import type { JudgeOptions } from '../testing/judge/index.js';
import type { Surroundings } from './command.js';
import { assign } from './flags.js';
import { writeReport } from './junit.js';
import type { SettingFlags, Settings } from './settings/settle.js';

export interface VerifyBusFlags extends Omit<SettingFlags, 'queue'> {
  readonly queue?: string;
  readonly step?: string;
  readonly param?: Readonly<Record<string, unknown>>;
  readonly invalidParam?: readonly string[];
  readonly dynamic?: Readonly<Record<string, unknown>>;
  readonly host?: readonly string[];
  /** Milliseconds. */
  readonly timeout?: number;
  readonly junit?: string;
  readonly json?: boolean;
}

/** RabbitMQ counts every 5 s unless told otherwise. */
const freshMs = 15_000;

export async function verifyBus(
  flags: VerifyBusFlags & { readonly queue: string },
  surroundings: Surroundings,
): Promise<number> {
  const { terminal, process } = surroundings;
  const asked = readJob(flags);
  const queue = flags.queue.startsWith('worker.') ? flags.queue : queueName(flags.queue);
  const [{ settle }, { rabbitBus }, { judgeWorker }, { createVerifyView }] = await Promise.all([
    import('./settings/settle.js'),
    import('./bus.js'),
    import('../testing/judge/index.js'),
    import('./verify-view.js'),
  ]);
  const { queue: _, ...rest } = flags;
  const settings = await settle(rest, process.env);
  for (const warning of settings.warnings) terminal.err(`needful: ${warning}`);
  const bus = await rabbitBus(settings.address);
  const transport = bus.connect('needful verify');
  const startedAt = performance.now();
  try {
    await transport.open();
    if (flags.declare) await transport.declare(workerTopology(queue.replace(/^worker\./, '')));
    const { address } = transport.status;
    const view = createVerifyView(terminal, {
      json: flags.json === true,
      queue,
      step: asked.job.step,
      address,
    });
    const counted = settings.management && (await unacknowledged(queue, settings));
    const judgement = await judgeWorker({
      ...asked,
      transport,
      queue,
      look: () => transport.depth(queue),
      ...(counted === undefined ? {} : { unacknowledged: counted }),
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
      onCheck: view.check,
    });
    view.verdict(judgement, performance.now() - startedAt);
    if (flags.junit !== undefined) {
      const { checksAsJUnit } = await import('./verify-view.js');
      await writeReport(flags.junit, checksAsJUnit(judgement, `needful verify ${queue} ${asked.job.step}`));
    }
    return judgement.outcome === 'broken' ? 1 : 0;
  } catch (error) {
    throw bus.explain(error);
  } finally {
    await transport.close();
  }
}

function readJob(flags: VerifyBusFlags): Pick<JudgeOptions, 'job' | 'invalid'> {
  const { step = '', param, dynamic, host, invalidParam = [] } = flags;
  if (!/^[\w.-]+$/.test(splitStep(step).command)) {
    const got = flags.step === undefined ? 'none' : JSON.stringify(step);
    throw new NeedfulError('USAGE', `expected --step WORKER:STEP, as sleep:Seconds, got ${got}`);
  }
  return {
    job: {
      step,
      group: 'needful verify',
      ...(param === undefined ? {} : { parameters: param }),
      ...(dynamic === undefined ? {} : { dynamic }),
      ...(host === undefined ? {} : { hosts: host }),
    },
    invalid: invalidParam.flatMap((text) => {
      try {
        return Object.entries(assign(text)).map(([name, value]) => ({ name, value }));
      } catch (error) {
        throw new NeedfulError('USAGE', `--invalid-param: expected name=value, got ${JSON.stringify(text)}`, {
          cause: error,
        });
      }
    }),
  };
}

/** What consumers hold, by a count that is as new as the number of consumers. */
async function unacknowledged(queue: string, settings: Settings): Promise<JudgeOptions['unacknowledged']> {
  const [{ createManagement }, { readManagement }, { readAddress }] = await Promise.all([
    import('./bindings/management.js'),
    import('./settings/management.js'),
    import('./settings/address.js'),
  ]);
  const broker = await readAddress(settings.address);
  if (settings.management === undefined) return undefined;
  const asked = createManagement({
    address: readManagement(settings.management, broker),
    vhost: broker.vhost,
  });
  return async ({ consumerCount }) => {
    for (const until = performance.now() + freshMs; performance.now() < until; await delay(100)) {
      const counts = await asked.counts(queue);
      if (counts?.consumerCount === consumerCount) return counts.unacknowledgedCount;
    }
    return null;
  };
}
