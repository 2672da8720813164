// What a job says besides its replies: output lines and notifications. Both end with the final reply (I3), whatever a
// step that was given up still tries to say.

import type { Clock } from '../clock.js';
import type { MessageFormat, Notify, Sender } from '../contract/message-format.js';
import { redactIn } from '../contract/redact-value.js';
import { redact } from '../contract/secrets.js';
import type { Output } from './definition.js';
import type { Lines } from './lines.js';
import { outputLevels } from './options.js';
import type { OutputLevel } from './running-worker.js';

export interface JobOutput extends Output {
  /** The original's first line of a job. */
  begin(): void;
  /** The original's last line of a job; nothing is sent for it any more. Idempotent. */
  end(): void;
  notify(phase: string, text: { readonly slug: string; readonly message: string }): void;
}

export interface JobOutputOptions {
  readonly lines: Lines;
  readonly format: MessageFormat;
  readonly clock: Clock;
  readonly outputLevel: OutputLevel;
  readonly notificationExchange: string;
  /** How lines call the worker: `NoopWorker`. */
  readonly outputName: string;
}

export function createJobOutput(
  options: JobOutputOptions,
  job: { sender: Sender; notify: Notify },
): JobOutput {
  const { lines, format, outputName } = options;
  const { sender, notify } = job;
  const least = outputLevels.indexOf(options.outputLevel);
  let ended = false;
  const write = (level: OutputLevel, line: string) => {
    if (ended || outputLevels.indexOf(level) < least || !lines.take()) return;
    const message = format.encodeOutput(redact(String(line)), sender);
    if (message !== null) lines.publish(message);
  };
  const title = `${outputName}.${sender.address.correlationId ?? 'None'}`;
  const stamp = () => localTime(options.clock.now());
  return {
    debug: (line) => write('debug', line),
    info: (line) => write('info', line),
    warn: (line) => write('warn', line),
    error: (line) => write('error', line),
    critical: (line) => write('critical', line),
    begin: () => write('debug', `Starting ${title} - ${stamp()}`),
    end() {
      if (ended) return;
      write('debug', `Finished ${title} - ${stamp()}\n\n`);
      ended = true;
    },
    notify(phase, { slug, message }) {
      if (ended || !Object.hasOwn(notify, phase)) return;
      for (const [to, target] of Object.entries(notify[phase] ?? {})) {
        if (!lines.take()) continue;
        const notification = redactIn({
          phase,
          transport: to,
          slug: String(slug),
          message: String(message),
          target,
        });
        lines.publish(
          format.encodeNotification(notification, { ...sender, exchange: options.notificationExchange }),
        );
      }
    },
  };
}

const digits = (value: number, count: number) => String(value).padStart(count, '0');

/** `2026-11-23 22:56:38.845937`, local time with microseconds, as the original writes it. */
function localTime(now: number): string {
  const time = new Date(now);
  const date = [time.getFullYear(), digits(time.getMonth() + 1, 2), digits(time.getDate(), 2)].join('-');
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => digits(part, 2))
    .join(':');
  return `${date} ${clock}.${digits(Math.floor((now % 1000) * 1000), 6)}`;
}

/** Says nothing: there is no job to say it for. */
export const silentOutput: Output & Pick<JobOutput, 'notify'> = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  critical() {},
  notify() {},
};
