// A worker that tells a text wherever a step can tell something.
import { z } from 'zod';
import { defineWorker, step } from '../../src/worker/define-worker.js';
import { failed, type StepContext, type Worker } from '../../src/worker/definition.js';

const loose = z.looseObject({});

/** Takes nothing, and quotes what it was given. */
export const quoting = z
  .unknown()
  .refine(() => false, { error: ({ input }) => `must not be ${JSON.stringify(input)}` });

export const waysToThrow = ['error', 'cause', 'text', 'object', 'url', 'many'] as const;

export function thrown(tell: string, how: (typeof waysToThrow)[number]): unknown {
  const deep = new RangeError(`cause ${tell}`, { cause: { deep: [tell] } });
  switch (how) {
    case 'cause':
      return new Error('harmless', { cause: deep });
    case 'text':
      return `text ${tell}`;
    case 'object':
      return { [tell]: tell };
    case 'url':
      try {
        return new URL(`no url ${tell}`);
      } catch (error) {
        return error;
      }
    case 'many':
      return new AggregateError([deep, tell], 'many');
    default:
      return Object.assign(new TypeError(`error ${tell}`, { cause: Object.assign(deep, { auth: tell }) }), {
        input: tell,
        headers: new Map([[tell, { tell }]]),
      });
  }
}

function tellAll({ output, notify, logger }: StepContext<unknown, unknown>, tell: string): void {
  for (const level of ['debug', 'info', 'warn', 'error', 'critical'] as const) output[level](`line ${tell}.`);
  notify('completed', { slug: tell, message: `notice ${tell}.` });
  const odd = {
    get password() {
      return tell;
    },
    toJSON: () => ({ json: tell }),
  };
  const many = { map: new Map([[tell, tell]]), list: [{ tell }], odd, number: Number(tell) };
  logger.info({ tell, [tell]: 1, ...many }, `says ${tell}.`);
  logger.child({ bound: tell }).debug({}, 'bound');
  for (const how of waysToThrow) logger.error({ err: thrown(tell, how) }, 'an error');
}

export function teller(tell: string): Worker {
  return defineWorker({
    name: 'teller',
    steps: {
      Say: {
        parameters: loose,
        run(context) {
          tellAll(context, tell);
          const { job, parameters } = context;
          const json = JSON.stringify({ tell });
          return { [tell]: [tell, { tell }], job: job.body, parameters, json, number: Number(tell) || 0 };
        },
      },
      Text: { run: () => tell },
      Fail: { run: () => failed({ why: tell, [tell]: tell }) },
      Throw: {
        parameters: z.looseObject({ how: z.enum(waysToThrow) }),
        run({ parameters }) {
          throw thrown(tell, parameters.how);
        },
      },
      Wrong: { result: quoting, run: () => tell },
      Strict: { parameters: z.object({ value: quoting }), run: () => null },
      Machine: step({ parameters: loose }).machine({
        context: () => ({ tell }),
        initial: 'telling',
        states: {
          telling: {
            run() {
              throw thrown(tell, 'error');
            },
            done: { target: 'told' },
            failed: { target: 'told' },
          },
          told: { refused: (_, error) => ({ why: String(error), tell }) },
        },
      }),
      // Of any name: until it is cancelled.
      '*': {
        run: ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      },
    },
  }) as Worker;
}
