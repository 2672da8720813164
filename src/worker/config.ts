// What `needful.config.ts` may say. How it is found, checked and weighed against flags and environment is the command's.
import type { WorkerOptions } from './running-worker.js';

/** Settings of the command `needful`. A flag wins over the environment, that over this, this over the default. */
export interface NeedfulConfig
  extends Pick<
    WorkerOptions,
    | 'queue'
    | 'concurrency'
    | 'topology'
    | 'outputLevel'
    | 'notificationExchange'
    | 'bodyLimitBytes'
    | 'depthLimit'
    | 'valueLimit'
    | 'resultLimitBytes'
    | 'replyDeadlineMs'
    | 'stepDeadlineMs'
    | 'holdMs'
    | 'connectDeadlineMs'
    | 'drainMs'
    | 'minimumReplyGapMs'
    | 'consumerTimeoutMs'
  > {
  /** The broker: `amqp://user:password@host:port/vhost`. Default `amqp://localhost`. */
  readonly amqp?: string;
  /** Instead of `amqp`: the original's MQ file, relative to this file; `~` is the home directory. */
  readonly mqConfig?: string;
  /** The original's configuration file of a worker, relative to this file; `~` is the home directory. */
  readonly workerConfig?: string;
  /** RabbitMQ's management API, to compare bindings: `http://user:password@host:15672`. Default credentials: the broker's. */
  readonly management?: string;
  /** Where dead letters go: `exchange`, `exchange/routing.key`, or `/queue` for a queue. Default: nowhere. */
  readonly deadLetter?: string;
  /** Of the log on stderr. Default `warn`. */
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

/** Types a configuration file: `export default defineConfig({ … })`. Returns what it is given; the command checks it. */
export function defineConfig(config: NeedfulConfig): NeedfulConfig {
  return config;
}
