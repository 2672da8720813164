// All that a run is made of: who works, what jobs come when, what goes wrong, in which order things happen. Plain data: the
// same plan is the same run, byte for byte, and what fails is found again from it.

import { z } from 'zod';

/** How a job behaves, or what is wrong with it. */
export const jobKinds = [
  'quick',
  'slow',
  'failing',
  'throwing',
  'flaky',
  'deaf',
  'endless',
  'invalid',
  'mute',
  'gone',
] as const;
/**
 * `quick` ends at once, `slow` takes its time and heeds its signal, `failing` fails on purpose, `throwing` throws, `flaky`
 * throws the first time, `deaf` takes its time whatever its signal says, `endless` never ends. `invalid` does not fit its
 * schema, `mute` names nobody who waits, `gone` names a queue that is not there.
 */
export type JobKind = (typeof jobKinds)[number];

export interface PlannedJob {
  readonly is: JobKind;
  /** When it is sent, in milliseconds after the one before. */
  readonly afterMs: number;
  /** How long its step takes where that matters, in milliseconds. */
  readonly takesMs: number;
  /** Survives a restart of the broker in its queue. */
  readonly persistent: boolean;
}

/** Faults that something does to a link, a broker or a worker; those of a step come with their job. */
export const doneFaults = [
  'cut',
  'drop',
  'delay',
  'duplicate',
  'jobsChannelClosed',
  'linesChannelClosed',
  'consumerCancelled',
  'brokerRestart',
  'blocked',
  'confirmLost',
  'publishRefused',
  'replyQueueGone',
  'stop',
  'cancel',
  'crash',
] as const;
export type DoneFault = (typeof doneFaults)[number];

/** Faults that a step has in itself. */
export const stepFaults = ['slow', 'throwing', 'deaf'] as const;
export type FaultKind = DoneFault | (typeof stepFaults)[number];

export interface PlannedFault {
  readonly kind: DoneFault;
  /** It waits for a lane to be in this state; '' is any. */
  readonly state: string;
  /** Steps of the run before it can happen; it happens at the first one from then on at which it can. */
  readonly step: number;
  /** Which of the workers, or of the lanes in that state. */
  readonly target: number;
  /** How much of it, 0 to 9: frames that are still read, seconds that it lasts. */
  readonly amount: number;
  /** The same for its other side: news that are still heard, which way is meant. */
  readonly other: number;
}

/** At this step, of all that can be done, not the oldest (0) but this one. */
export type Pick = readonly [step: number, choice: number];

export interface Plan {
  /** Of jitter and names. */
  readonly seed: number;
  /** Name of the workers' policy. */
  readonly policy: string;
  readonly workerCount: number;
  /** Of each worker. */
  readonly laneCount: number;
  /** Workers send all output lines, down to debug. */
  readonly talks: boolean;
  readonly jobs: readonly PlannedJob[];
  readonly faults: readonly PlannedFault[];
  /** How many of a hundred steps are not the oldest that is due; which, the seed says. 0 where `picks` say it. */
  readonly disorder: number;
  readonly picks: readonly Pick[];
}

const whole = z.number().int().min(0);

/** A plan that somebody wrote or copied. */
export const planSchema = z.strictObject({
  seed: whole,
  policy: z.string(),
  workerCount: whole.min(1).max(9),
  laneCount: whole.min(1).max(9),
  talks: z.boolean(),
  jobs: z.array(
    z.strictObject({ is: z.enum(jobKinds), afterMs: whole, takesMs: whole, persistent: z.boolean() }),
  ),
  faults: z.array(
    z.strictObject({
      kind: z.enum(doneFaults),
      state: z.string(),
      step: whole,
      target: whole,
      amount: whole.max(9),
      other: whole.max(9),
    }),
  ),
  disorder: whole.max(100),
  picks: z.array(z.tuple([whole, whole])),
}) satisfies z.ZodType<Plan>;
