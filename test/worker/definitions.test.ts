// What a user gets wrong in a definition or in options: the code, and words that say what to do.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import silent from '../../examples/silent.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { Worker } from '../../src/worker/definition.js';
import type { WorkerOptions } from '../../src/worker/running-worker.js';

const run = () => {};
const define = (definition: unknown) => () => defineWorker(definition as never);

const definitions: readonly (readonly [what: string, definition: unknown, words: RegExp])[] = [
  ['nothing', undefined, /a worker must be an object/],
  ['text', 'sleep', /a worker must be an object/],
  ['no name', { steps: { A: { run } } }, /`name` must be of letters/],
  ['an empty name', { name: '', steps: { A: { run } } }, /`name` must be of letters/],
  ['a name with a space', { name: 'a b', steps: { A: { run } } }, /`name` must be of letters/],
  [
    'a misspelt key',
    { name: 'a', stepps: {}, steps: { A: { run } } },
    /`stepps` is not known; did you mean `steps`/,
  ],
  ['no steps', { name: 'a' }, /worker a: `steps` must name at least one step/],
  ['empty steps', { name: 'a', steps: {} }, /`steps` must name at least one step/],
  [
    'a step that is null',
    { name: 'a', steps: { A: null } },
    /step A of worker a: it must be an object with `run`/,
  ],
  ['a step without run', { name: 'a', steps: { A: {} } }, /step A of worker a: `run` must be a function/],
  [
    'a misspelt key of a step',
    { name: 'a', steps: { A: { parametres: z.object({}), run } } },
    /did you mean `parameters`/,
  ],
  ['a far key of a step', { name: 'a', steps: { A: { zzz: 1, run } } }, /known are parameters, dynamic/],
  [
    'parameters that are no schema',
    { name: 'a', steps: { A: { parameters: {}, run } } },
    /`parameters` must be a zod schema/,
  ],
  [
    'common parameters that are no schema',
    { name: 'a', parameters: [], steps: { A: { run } } },
    /`parameters` must be a zod schema/,
  ],
  [
    'a deadline of 0',
    { name: 'a', steps: { A: { deadlineMs: 0, run } } },
    /`deadlineMs` must be a number of milliseconds above 0/,
  ],
  [
    'a deadline in words',
    { name: 'a', steps: { A: { deadlineMs: '1s', run } } },
    /`deadlineMs` must be a number/,
  ],
  [
    'hosts of another word',
    { name: 'a', hosts: 'always', steps: { A: { run } } },
    /`hosts` must be one of required, optional/,
  ],
  [
    'hosts of a step',
    { name: 'a', steps: { A: { hosts: true, run } } },
    /`hosts` must be one of required, optional/,
  ],
  [
    'replyTo of another word',
    { name: 'a', replyTo: 'no', steps: { A: { run } } },
    /`replyTo` must be one of required, optional/,
  ],
  [
    'replyTo required with a flow that never replies',
    { name: 'a', replyTo: 'required', flow: silent.flow, steps: { A: { run } } },
    /`replyTo: 'required'` asks for an address that its flow never replies to/,
  ],
  ['an app id that is no text', { name: 'a', appId: 7, steps: { A: { run } } }, /`appId` must be text/],
  [
    'an output name that is empty',
    { name: 'a', outputName: '', steps: { A: { run } } },
    /`outputName` must be text/,
  ],
];

describe('defineWorker', () => {
  it.each(definitions)('refuses %s and says what was expected', (_, definition, words) => {
    expect(define(definition)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }));
    expect(define(definition)).toThrow(words);
  });

  it('derives app id and output name as the original does, unless they are given', () => {
    expect(defineWorker({ name: 'noop', steps: { A: { run } } })).toMatchObject({
      appId: 'noopworker',
      outputName: 'NoopWorker',
    });
    expect(
      defineWorker({ name: 'git-merge', appId: 'x', outputName: 'Y', steps: { A: { run } } }),
    ).toMatchObject({
      appId: 'x',
      outputName: 'Y',
    });
    expect(defineWorker({ name: 'git-merge', steps: { A: { run } } }).outputName).toBe('GitMergeWorker');
  });

  it('wants a reply address unless it is told otherwise, or its flow never replies', () => {
    const wants = (more: object) => defineWorker({ name: 'a', ...more, steps: { A: { run } } }).replyTo;
    expect([wants({}), wants({ replyTo: 'optional' }), wants({ flow: silent.flow })]).toEqual([
      'required',
      'optional',
      'optional',
    ]);
  });
});

const worker = defineWorker({ name: 'a', steps: { A: { run } } });
const options = (more: object) => () =>
  createWorker(worker, { transport: createMemoryBroker().connect(), ...more } as WorkerOptions);

const wrongOptions: readonly (readonly [what: string, more: object, words: RegExp])[] = [
  ['no transport', { transport: undefined }, /`transport` must be a transport/],
  ['a URL as transport', { transport: 'amqp://localhost' }, /`transport` must be a transport/],
  ['a misspelt key', { concurency: 2 }, /`concurency` is not known; did you mean `concurrency`/],
  ['concurrency 0', { concurrency: 0 }, /`concurrency` must be a whole number from 1 on/],
  ['concurrency 1.5', { concurrency: 1.5 }, /`concurrency` must be a whole number/],
  ['concurrency in words', { concurrency: '2' }, /`concurrency` must be a whole number/],
  ['a negative drain', { drainMs: -1 }, /`drainMs` must be a whole number from 0 on/],
  [
    'a result limit of nothing',
    { resultLimitBytes: 0 },
    /`resultLimitBytes` must be a whole number from 64 on/,
  ],
  ['an unknown topology', { topology: 'assert' }, /`topology` must be one of check, declare, none/],
  ['an unknown level', { outputLevel: 'DEBUG' }, /`outputLevel` must be one of debug, info/],
  ['a queue with a space', { queue: 'a b' }, /`queue` must be a name without spaces/],
  ['an empty queue', { queue: '' }, /`queue` must be a name/],
  [
    'a logger that cannot log',
    { logger: console.log },
    /`logger` must have debug, info, warn, error, fatal and child/,
  ],
  [
    'a clock without now',
    { clock: { setTimeout, clearTimeout } },
    /`clock` must have now, setTimeout and clearTimeout/,
  ],
  ['a format that is a name', { format: 'json' }, /`format` must be a message format/],
  ['an inspector that observes nothing', { inspect: {} }, /`inspect` must be a function or an observer/],
  ['random that is a number', { random: 0.5 }, /`random` must be a function/],
  ['an exchange that is no text', { notificationExchange: null }, /`notificationExchange` must be text/],
];

describe('createWorker', () => {
  it.each(wrongOptions)('refuses %s and says what was expected', (_, more, words) => {
    expect(options(more)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(options(more)).toThrow(words);
  });

  it('refuses to be without options', () => {
    expect(() =>
      createWorker(defineWorker({ name: 'a', steps: { A: { run } } }), undefined as never),
    ).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it.each([undefined, {}, { name: 'a', steps: { A: { run } } }])(
    'refuses %o, which defineWorker did not make',
    (given) => {
      const make = () =>
        createWorker(given as unknown as Worker, { transport: createMemoryBroker().connect() });
      expect(make).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }));
      expect(make).toThrow(/defineWorker/);
    },
  );
});
