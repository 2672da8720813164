// Plays a playbook: drives the release machine with a client, one job at a time.
import type { ClientLogger } from '../client/client.js';
import { newCorrelationId } from '../client/correlation-id.js';
import { createClient } from '../client/create-client.js';
import { type Clock, systemClock } from '../clock.js';
import { NeedfulError } from '../contract/errors.js';
import type { MessageFormat } from '../contract/message-format.js';
import type { Transport } from '../transport.js';
import { driveRelease } from './drive.js';
import { checkDynamic } from './dynamic.js';
import { planRelease } from './plan.js';
import type { Playbook } from './playbook-data.js';
import { createRecord } from './record.js';
import type { ReleaseEvent, ReleaseSummary } from './release-event.js';

export interface PlayOptions {
  /** Opened if need be, and then closed at the end; an open one is left open. */
  readonly transport: Transport;
  readonly playbook: Playbook;
  /** All of them go to every job. Default none. */
  readonly dynamic?: Readonly<Record<string, unknown>>;
  /**
   * Longest wait for each reply, in milliseconds; Infinity waits for ever. Default 60,000 for `started`, 3,600,000 from
   * there to the final reply.
   */
  readonly deadlineMs?: number;
  /** Id of the release, correlation id of all its jobs. Default: 24 hex digits. */
  readonly release?: string;
  /** Hear the workers' output lines. Default true; a broker that refuses it makes a warning. */
  readonly outputs?: boolean;
  /** How long lines are still heard after the last step, in milliseconds. Default 100. */
  readonly lingerMs?: number;
  /** Exchange of the notifications that the steps ask for. Default: the format's. */
  readonly notificationExchange?: string;
  /** Aborted: the step under way counts as failed with CANCELLED, the rest is skipped. No worker is told. */
  readonly signal?: AbortSignal;
  /** Called in order, synchronously. Must not throw; what it throws is logged. */
  readonly onEvent?: (event: ReleaseEvent) => void;
  /** Default: the Release Engine's messages. */
  readonly format?: MessageFormat;
  readonly clock?: Clock;
  /** 0 <= x < 1; for the id. Default Math.random. */
  readonly random?: () => number;
  /** Default: writes nothing. */
  readonly logger?: ClientLogger;
}

const silent: ClientLogger = { warn: () => {} };

/**
 * Plays a release to its end: a failed step is a summary whose outcome is `failed`. Rejects, with nothing sent, with
 * DYNAMIC_MISSING, OPTION_INVALID, or the transport's NeedfulError where no reply queue can be had.
 */
export async function playRelease(options: PlayOptions): Promise<ReleaseSummary> {
  const { transport, playbook, dynamic = {}, deadlineMs, clock = systemClock } = options;
  const { logger = silent, random = Math.random, outputs = true, lingerMs = 100 } = options;
  checkDynamic(playbook, dynamic);
  if (deadlineMs !== undefined && !(deadlineMs > 0))
    throw new NeedfulError('OPTION_INVALID', `deadlineMs: expected a number above 0, got ${deadlineMs}`);
  const release = options.release ?? newCorrelationId(clock, random);
  const { group } = playbook;
  const jobs = planRelease(playbook);
  const steps = jobs.map(({ planned }) => planned);
  const record = createRecord({ release, group, steps, clock, logger, onEvent: options.onEvent });
  const format = options.format === undefined ? {} : { format: options.format };
  const client = createClient({ transport, outputs, clock, random, logger, ...format });
  client.subscribe((line) => {
    if (line.correlationId === release) record.output(line);
  });
  record.started();
  for (const warning of playbook.warnings) record.warn(warning);
  try {
    const { notificationExchange, signal } = options;
    const drive = {
      release,
      group,
      dynamic,
      jobs,
      client,
      clock,
      record,
      deadlineMs,
      notificationExchange,
      signal,
    };
    const outcome = await driveRelease(drive);
    if (client.status().outputs === 'heard' && lingerMs > 0) await pause(clock, lingerMs);
    return record.ended(outcome);
  } finally {
    await client.close();
  }
}

// The last lines of a step come after its final reply, over another channel of its worker.
function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimeout(() => resolve(), ms);
  });
}
