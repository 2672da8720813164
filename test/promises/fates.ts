// How a job may end that a worker has received, played on the embedded broker: what its engine hears then, and where it is.
import { z } from 'zod';
import type { Acknowledge } from '../../machines/index.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import { failed, type StepContext, type Worker } from '../../src/worker/definition.js';
import { Trace } from '../adapters/bus.js';
import type { SendOptions, SentJob } from '../worker/engine.js';
import type { Stage, StagedWorker } from '../worker/stage.js';

export interface Step {
  readonly context: StepContext<unknown, unknown>;
  end(data?: unknown): void;
}

export interface Scene {
  readonly stage: Stage;
  readonly worker: StagedWorker;
  /** The step that began as number `count`, from 1. */
  step(count: number): Promise<Step>;
  send(options?: SendOptions): Promise<SentJob>;
}

export interface Fate {
  /** Sends the job and plays its end; resolves when the lane listens again, or the worker has ended. */
  play(scene: Scene): Promise<SentJob>;
  /** What the engine hears; `late` where the policy is `settled`. */
  readonly hears: readonly string[];
  readonly late?: readonly string[];
  /** Where it is besides. */
  readonly in?: 'the dead letters' | 'the queue';
}

const ends = (data: unknown) => async (scene: Scene) => {
  const job = await scene.send();
  (await scene.step(1)).end(data);
  await job.final();
  return job;
};

export const fates: Readonly<Record<string, Fate>> = {
  'is done': { play: ends(1), hears: ['started', 'completed'] },
  fails: { play: ends(failed('no', { final: true })), hears: ['started', 'failed'] },
  'fails three times': {
    async play(scene) {
      const job = await scene.send();
      for (const count of [1, 2, 3]) (await scene.step(count)).end(failed(count));
      await job.final();
      return job;
    },
    hears: ['started', 'failed'],
  },
  'is cancelled': {
    async play(scene) {
      const job = await scene.send();
      await scene.step(1);
      scene.worker.cancel(job.correlationId);
      await job.final();
      return job;
    },
    hears: ['started', 'failed'],
  },
  'cannot be done as it was asked': {
    async play(scene) {
      const job = await scene.send({ parameters: { many: 'no number' } });
      await job.final();
      return job;
    },
    hears: ['failed'],
    in: 'the dead letters',
  },
  'is waited for by nobody': {
    play: (scene) => scene.send({ replyTo: 'nowhere' }),
    hears: [],
    in: 'the dead letters',
  },
  'has an engine that goes while it is done': {
    async play(scene) {
      const job = await scene.send();
      const step = await scene.step(1);
      scene.stage.broker.deleteQueue(scene.stage.engine.replyTo);
      step.end(1);
      return job;
    },
    hears: ['started'],
    in: 'the dead letters',
  },
  'meets a loss of the connection while it is done': {
    async play(scene) {
      const job = await scene.send();
      const step = await scene.step(1);
      scene.stage.broker.cut(scene.worker.name);
      await scene.worker.reached('listening.flowing', 2);
      step.end(1);
      if (!step.context.signal.aborted) await job.final();
      else {
        (await scene.step(2)).end(2);
        await job.final();
      }
      return job;
    },
    hears: ['started', 'completed'],
    late: ['started', 'started', 'completed'],
  },
  'was not begun when the worker stopped': {
    async play(scene) {
      const first = await scene.send();
      const step = await scene.step(1);
      const job = await scene.send();
      const stopped = scene.worker.stop();
      step.end(1);
      await first.final();
      await stopped;
      return job;
    },
    hears: [],
    in: 'the queue',
  },
};

/** Ends with the stage. */
export async function setTheScene(stage: Stage, acknowledge: Acknowledge): Promise<Scene> {
  const begun = new Trace<Step>();
  const definition = defineWorker({
    name: 'held',
    acknowledge,
    steps: {
      Hold: {
        parameters: z.object({ many: z.number().optional() }),
        retry: { attempts: 3, backoffMs: 1 },
        run: (context) =>
          new Promise<unknown>((end) => {
            begun.add({ context: context as Step['context'], end });
          }),
      },
    },
  }) as Worker;
  await stage.engine.open({ lines: true });
  const queues = [{ name: 'graveyard', durable: true }];
  await stage.engine.transport.declare({ exchanges: [], queues, bindings: [] });
  const worker = stage.worker(definition, { deadLetter: { exchange: '', routingKey: 'graveyard' } });
  await worker.start();
  return {
    stage,
    worker,
    async step(count) {
      const step = (await begun.first(count)).at(-1);
      if (step === undefined) throw new Error('no step began');
      return step;
    },
    send: (options = {}) => stage.engine.send('held:Hold', options),
  };
}
