// What all steps of the BIG-IP worker do alike: a token from each BIG-IP, trouble told and judged, the tokens given back.
import { NeedfulError, type StepContext } from 'needful-worker';
import { z } from 'zod';
import { BigIp, type Place } from './icontrol.js';
import { BigIpError } from './session.js';

/** The worker's configuration. */
export interface Plan {
  readonly environments: Readonly<Record<string, Place>>;
  /** Between two looks, and how many looks are enough. */
  readonly pollMs: number;
  readonly pollCount: number;
  /** After a BIG-IP was busy or away, and how often that is put up with. */
  readonly retryMs: number;
  readonly retryCount: number;
  readonly deadlineMs: number;
  readonly outOfRotation: 'disabled' | 'forcedOffline';
}

/** The context of a step's machine. */
export interface Visit {
  readonly bigIps: readonly BigIp[];
  readonly looksLeft: number;
  readonly retriesLeft: number;
  /** All is as it shall be. */
  readonly isReached: boolean;
  /** What the last look saw that was not. */
  readonly seen: string;
}

export interface Work<X>
  extends Pick<StepContext<unknown, unknown>, 'signal' | 'output' | 'notify' | 'logger'> {
  readonly context: X;
}

/** Longest time for what one state asks. */
export const requestMs = 60_000;

/** Names of environments that the configuration has. */
export function environments(known: Readonly<Record<string, unknown>>) {
  const names = Object.keys(known);
  const expected =
    names.length === 0 ? 'expected none: no environment fits' : `expected one of ${names.join(', ')}`;
  const name = z.string().refine((name) => names.includes(name), expected);
  return z.array(name).min(1);
}

/** However the job ends, no token is left behind: a job that is cancelled does not come to the state that logs out. */
export function beginVisit(
  plan: Plan,
  given: { readonly envs: readonly string[]; readonly signal: AbortSignal },
): Visit {
  const bigIps = Object.entries(plan.environments)
    .filter(([name]) => given.envs.includes(name))
    .map(([name, place]) => new BigIp(name, place));
  given.signal.addEventListener('abort', () => void Promise.all(bigIps.map((bigIp) => bigIp.logOut())));
  const { pollCount: looksLeft, retryCount: retriesLeft } = plan;
  return { bigIps, looksLeft, retriesLeft, isReached: false, seen: '' };
}

/** Trouble is told where it happens; what comes of it is the machine's to say. */
export const telling =
  <X, R>(run: (work: Work<X>) => Promise<R>) =>
  async (work: Work<X>): Promise<R> => {
    const { signal, output, logger } = work;
    try {
      return await run(work);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof BigIpError)) logger.error({ err: error }, 'the step failed by itself');
      else if (error.trouble === 'refused') output.error(error.message);
      else output.warn(error.message);
      throw error;
    }
  };

export const logIn = telling<Visit, void>(async ({ context, signal }) => {
  for (const bigIp of context.bigIps) await bigIp.logIn(signal);
});

async function logOut({ context, logger }: Work<Visit>): Promise<void> {
  for (const bigIp of context.bigIps)
    if (!(await bigIp.logOut()))
      logger.warn({ bigIp: bigIp.name }, 'the token was not given back; it lives until it expires');
}

export async function leave(work: Work<Visit>): Promise<void> {
  await logOut(work);
  work.notify('completed', {
    slug: 'BigipWorker Executed Successfully',
    message: `BIG-IP ${work.context.bigIps.map(({ name }) => name).join(', ')}: done. See logs.`,
  });
}

export async function giveUp(work: Work<Visit>): Promise<void> {
  await logOut(work);
  const { looksLeft, seen } = work.context;
  if (looksLeft === 0) work.output.error(late(seen));
  work.notify('failed', { slug: 'BigipWorker Failed', message: 'The BIG-IP did not do it. See logs.' });
}

export const guards = <X extends Visit>() => ({
  /** The token is too old. */
  isExpired: (_: X, error: unknown) => error instanceof BigIpError && error.trouble === 'expired',
  passes: ({ retriesLeft }: X, error: unknown) => retriesLeft >= 0 && isPassing(error),
  isReached: ({ isReached }: X) => isReached,
  mayLookAgain: ({ looksLeft }: X) => looksLeft > 0,
});

/** A state's deadline is no last word: the next answer may be quicker. */
const isPassing = (error: unknown) =>
  error instanceof BigIpError ? error.trouble === 'busy' : error instanceof NeedfulError;

const late = (seen: string) => `not so in time: ${seen}`;

/** The `data` of the failed reply. */
export function reason({ looksLeft, seen }: Visit, error: unknown): { readonly reason: string } {
  if (looksLeft === 0) return { reason: late(seen) };
  const isOurs = error instanceof BigIpError || error instanceof NeedfulError;
  return { reason: isOurs ? error.message : 'an error of the worker itself, which its log tells' };
}

/** One more look was taken; `unlike`: what it saw that is not as it shall be. */
export function looked({ looksLeft }: Visit, unlike: readonly string[]): Partial<Visit> {
  return { looksLeft: looksLeft - 1, isReached: unlike.length === 0, seen: unlike.join('; ') };
}

export const countTrouble = ({ context: { retriesLeft } }: { readonly context: Visit }): Partial<Visit> => ({
  retriesLeft: retriesLeft - 1,
});
