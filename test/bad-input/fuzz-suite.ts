// Inputs from a seed, through one worker for each policy: each ends in a named state, the next good job is done, nothing else is
// touched.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEachBus, type ForeignBus } from '../worker/foreign-bus.js';
import {
  byteBodies,
  type Input,
  jobBodies,
  jsonBodies,
  mutants,
  properties,
  rawProperties,
} from './arbitrary.js';
import { type Bench, createBench } from './fuzz-bench.js';
import type { Setting } from './fuzzed-worker.js';
import { replyQueue } from './jobs.js';

const kinds: readonly (readonly [string, fc.Arbitrary<Input>])[] = [
  ['bytes', byteBodies],
  ['JSON', jsonBodies],
  ['jobs with anything in them', jobBodies],
  ['good jobs gone wrong', mutants],
  ['properties', properties],
];
const settings: readonly Setting[] = [
  { acknowledge: 'received', anyStep: false },
  { acknowledge: 'verified', anyStep: true },
  { acknowledge: 'settled', anyStep: false },
];

export interface FuzzOptions {
  readonly parameters: (isRabbitMQ: boolean) => fc.Parameters<unknown>;
  /** For one kind of input. */
  readonly longestMs: number;
}

export function fuzz({ parameters, longestMs }: FuzzOptions): void {
  describeOnEachBus('whatever comes to a worker', (open, on) => {
    const isRabbitMQ = on === 'RabbitMQ';
    describe.each(settings)(
      'that acknowledges what is $acknowledge, steps of any name: $anyStep',
      (setting) => {
        let bus: ForeignBus;
        let bench: Bench | undefined;
        const rejections: unknown[] = [];
        const keep = (reason: unknown) => void rejections.push(reason);
        beforeAll(async () => {
          process.on('unhandledRejection', keep);
          bus = await open();
          await bus.hear(replyQueue);
        });
        afterAll(async () => {
          process.off('unhandledRejection', keep);
          await bench?.end();
          await bus.end();
        });

        const take = async (list: readonly Input[]) => {
          bench ??= await createBench(bus, setting);
          const mine = bench;
          // One at which something did not hold may hang: the next try gets its own.
          bench = undefined;
          await mine.take(list);
          bench = mine;
        };
        const lists = (kind: fc.Arbitrary<Input>) =>
          fc.array(kind, { minLength: 1, maxLength: isRabbitMQ ? 10 : 25, size: 'max' });

        it.each(isRabbitMQ ? [...kinds, ['properties on the wire', rawProperties] as const] : kinds)(
          '%s',
          async (_, kind) => {
            await fc.assert(fc.asyncProperty(lists(kind), take), parameters(isRabbitMQ));
            expect(rejections).toEqual([]);
          },
          longestMs,
        );

        it('breaks none of its promises', () => {
          expect(bench?.endings.size).toBeGreaterThanOrEqual(isRabbitMQ ? 3 : 5);
          expect(bus.judge()).toEqual([]);
        });
      },
    );
  });
}
