// The BIG-IP worker on a stage, with small BIG-IPs that are ended, and hold no token, after each test.
import { afterEach, beforeEach, expect } from 'vitest';
import type { Worker } from '../../src/worker/definition.js';
import type { WorkerOptions } from '../../src/worker/running-worker.js';
import bigip from '../../workers/bigip.js';
import type { SentJob } from '../worker/engine.js';
import { Stage, type StagedWorker } from '../worker/stage.js';
import { F5, type F5Options, user } from './f5.js';

export let stage: Stage;
const f5s: F5[] = [];

export function stageEach(): void {
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
}

export async function open(options: F5Options = {}): Promise<F5> {
  const f5 = await new F5(options).listen();
  f5s.push(f5);
  return f5;
}

export const web = '/Common/web';
export const member = (fullPath: string, more: object = {}) => ({ fullPath, ...more });

/** Two hosts, one of them in a second pool that nobody monitors. */
export const pair = (more: F5Options = {}) =>
  open({
    group: 'pair',
    pools: {
      [web]: [member('/Common/web01:80'), member('/Common/web02:80')],
      '/Shop/secure': [member('/Shop/web01:443', { monitored: false })],
      '/Common/empty': [],
    },
    ...more,
  });

export type Config = Parameters<typeof bigip>[0];
export const place = (f5: F5, more: object = {}) => ({ url: f5.url, ...user, group: 'pair', ...more });

export interface Played {
  readonly running: StagedWorker;
  begin(step: string, request?: object): Promise<SentJob>;
  /** Sends the job and waits for its end. */
  send(step: string, request?: object): Promise<{ readonly status: string; readonly data?: unknown }>;
  /** States of the step's machine, in order. */
  path(): string;
}

/** Nothing waits, unless the configuration says so. */
export async function play(config: Config, options: Partial<WorkerOptions> = {}): Promise<Played> {
  const running = await stage.play(bigip({ pollMs: 0, retryMs: 0, ...config }) as Worker, options);
  const begin = (step: string, request = {}) => stage.engine.send(`bigip:${step}`, request);
  return {
    running,
    begin,
    async send(step, request = {}) {
      const job = await begin(step, request);
      const { status, data } = await job.final();
      return { status, data };
    },
    path: () =>
      running.transitions.all
        .filter(({ machine }) => machine === 'step')
        .map(({ to }) => to)
        .join(' '),
  };
}

export const hosts = ['web01'];
export const patches = (f5: F5) =>
  f5.asked.all.filter(({ what }) => what.startsWith('PATCH')).map(({ body }) => JSON.parse(body));
