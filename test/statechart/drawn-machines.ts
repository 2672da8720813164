// Machines to be drawn: all that Needful has, those of the examples, and one with everything that XState knows.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { and, assign, createMachine, fromPromise, not, raise, setup, stateIn } from 'xstate';
import { graphOf } from '../../src/cli/graph/drawable.js';
import { readyMadeNames } from '../../src/cli/ready-made.js';
import { type Graph, machineGraph, nest } from '../../src/statechart/index.js';

const ask = fromPromise(async () => {});

export const everything = setup({
  actors: { ask, tell: ask },
  actions: { note: () => {}, forget: () => {} },
  guards: { isEarly: () => true, isLate: () => false },
  delays: { patience: 1000 },
}).createMachine({
  id: 'everything',
  description: 'One of each.',
  initial: 'idle',
  entry: 'note',
  on: {
    stop: { target: '.ended', description: 'Whatever it does.' },
    ping: { actions: 'note' },
    reset: { target: '#everything', reenter: true },
  },
  states: {
    idle: {
      description: 'Nothing to do: "really"; see #4 -- <b>now</b>.',
      tags: ['free', 'ready'],
      entry: ['note', assign({}), raise({ type: 'ping' })],
      exit: 'forget',
      meta: { deadline: 60_000, run: 'needful' },
      on: {
        go: [{ guard: 'isEarly', target: 'working', actions: ['note', 'forget'] }, { target: 'ended' }],
        again: { target: 'idle', reenter: true },
        same: { target: 'idle' },
        hush: {},
        '*': { guard: not('isLate'), actions: 'note' },
        both: { guard: and(['isEarly', stateIn('idle')]), target: ['both.left.two', 'both.right.two'] },
      },
    },
    working: {
      initial: 'asking',
      on: { skip: { target: '.asked' }, restart: { target: 'working', reenter: true } },
      states: {
        asking: {
          invoke: [
            { src: 'ask', onDone: { target: 'telling' }, onError: { target: '#everything.ended' } },
            { src: 'tell', id: 'teller', onSnapshot: { actions: 'note' } },
          ],
          after: { patience: { target: '#everything.idle' }, 1500: { target: 'telling', guard: 'isLate' } },
        },
        telling: { always: [{ guard: 'isEarly', target: 'asked' }, { target: 'deep' }] },
        asked: { type: 'final' },
        deep: {
          initial: 'down',
          on: { up: { target: '#everything.working', reenter: true } },
          states: { down: { on: { up: { target: '#everything.working.deep', reenter: true } } } },
        },
        last: { type: 'history' },
        deepest: { type: 'history', history: 'deep', target: 'telling' },
      },
      onDone: { target: 'idle' },
    },
    both: {
      type: 'parallel',
      states: {
        left: { initial: 'one', states: { one: { on: { go: 'two' } }, two: { type: 'final' } } },
        right: { initial: 'one', states: { one: {}, two: { type: 'final' } } },
        alone: {},
      },
      onDone: { target: 'working.last' },
      always: { guard: 'isLate', target: 'working.deepest' },
    },
    ended: { type: 'final' },
  },
});

/** A lane that runs one step, and the step as a machine. */
const lane = machineGraph(everything);
const step = machineGraph(
  createMachine({ id: 'step', initial: 'a', states: { a: { on: { go: 'b' } }, b: { type: 'final' } } }),
);

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
/** Files whose default export is a worker, in the order of their names. */
const workers = readdirSync(examples)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `${examples}/${name}`)
  .filter((file) => /^export default (defineWorker|configure)\(/m.test(readFileSync(file, 'utf8')))
  .sort();

type Drawn = readonly [name: string, graph: () => Promise<Graph>];

export const drawn: readonly Drawn[] = [
  ...['job', 'worker', 'release', ...readyMadeNames].map((name): Drawn => [name, () => graphOf(name)]),
  ...workers.map((file): Drawn => [file.replace(`${examples}/`, 'examples/'), () => graphOf(file)]),
  ['everything', async () => lane],
  ['a step in a lane', async () => nest(lane, { into: 'everything.idle', name: 'Step', graph: step })],
];
