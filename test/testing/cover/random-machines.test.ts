// XState is the judge of what a path says: it goes every path, and what it can be seen to do at random is on one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AnyMachineSnapshot, type AnyStateMachine, createActor } from 'xstate';
import { chartOf } from '../../../src/testing/cover/chart.js';
import type { CoverPath, CoverStep } from '../../../src/testing/cover/index.js';
import { coverFlow } from '../../../src/testing/cover/index.js';
import { itemsOf } from '../../../src/testing/cover/items.js';
import { stateName } from '../../../src/worker/watch-machine.js';
import { type Oracle, randomMachine } from './random-machine.js';

const placeOf = (machine: AnyStateMachine, { value }: { readonly value: unknown }) =>
  stateName(value as never) || machine.root.key;

/** An oracle that says what the steps say, one moment after the other. */
function told(): Oracle & { next(steps: readonly CoverStep[]): void } {
  let moments: CoverStep['guards'][] = [];
  let last: number | undefined;
  let ignored = false;
  const oracle = (guard: string, moment: number) => {
    // Then XState asks once more what it asked when it came to rest.
    if (ignored) return false;
    if (last !== undefined && moment !== last) moments.shift();
    last = moment;
    const said = moments[0]?.[guard];
    if (said === undefined) throw new Error(`nobody asked for ${guard} in ${JSON.stringify(moments)}`);
    return said;
  };
  return Object.assign(oracle, {
    next(steps: readonly CoverStep[]) {
      moments = steps.map(({ guards }) => guards).filter((guards) => Object.keys(guards).length > 0);
      last = undefined;
      ignored = steps[0]?.transient === false && !steps[0].taken;
    },
  });
}

/** A step from outside and those that follow by themselves. */
function macrosteps({ steps }: CoverPath): CoverStep[][] {
  const all: CoverStep[][] = [[]];
  for (const step of steps) {
    if (step.transient) all.at(-1)?.push(step);
    else all.push([step]);
  }
  return all;
}

const wild: Readonly<Record<string, string>> = { '*': 'anything', 'a.*': 'a.y' };

function go(
  machine: AnyStateMachine,
  { path, oracle }: { path: CoverPath; oracle: ReturnType<typeof told> },
) {
  const [begin = [], ...rest] = macrosteps(path);
  const went: string[] = [];
  oracle.next(begin);
  const actor = createActor(machine, {
    inspect: ({ type, ...event }) => {
      if (type === '@xstate.microstep' && 'snapshot' in event)
        went.push(placeOf(machine, event.snapshot as AnyMachineSnapshot));
    },
  }).start();
  const here = () => placeOf(machine, actor.getSnapshot());
  expect(here()).toBe(begin.at(-1)?.to ?? path.steps[0]?.from ?? here());
  for (const steps of rest) {
    oracle.next(steps);
    const { from, event } = steps[0] as CoverStep;
    expect(here()).toBe(from);
    went.length = 0;
    actor.send({ type: wild[event] ?? event });
    // What nothing is taken for is told as a microstep too.
    const places = steps.flatMap(({ taken, to }) => (taken ? [to] : []));
    expect(distinct([from, ...went])).toEqual(distinct([from, ...places]));
  }
}

const distinct = (places: readonly string[]) => places.filter((place, at) => place !== places[at - 1]);

const runs = { numRuns: Number(process.env.COVER_RUNS ?? 150), interruptAfterTimeLimit: 60_000 };

test('XState goes every path as it is written, and nothing that can be done is left out', () => {
  fc.assert(
    fc.property(randomMachine, ({ make }) => {
      const oracle = told();
      const machine = make(oracle);
      const { paths, coverage } = coverFlow(machine);
      const all = [coverage.states, coverage.transitions, coverage.guards].flat();
      expect(all.filter(({ status }) => status === 'uncovered')).toEqual([]);
      for (const path of paths) go(machine, { path, oracle });
    }),
    runs,
  );
});

test('what XState does at random is on a path, and each place and transition of it is covered', () => {
  const coin = fc.infiniteStream(fc.boolean());
  const events = fc.array(fc.constantFrom('a', 'b', 'a.x', 'a.y', 'anything'), { maxLength: 30 });
  fc.assert(
    fc.property(randomMachine, coin, events, ({ make }, says, sent) => {
      const seen = new Map<string, boolean>();
      const machine = make((guard, moment) => {
        const key = `${guard} ${moment}`;
        // What is always true may go on for ever.
        const holds = seen.get(key) ?? (seen.size < 30 && says.next().value === true);
        seen.set(key, holds);
        return holds;
      });
      const items = itemsOf(chartOf(machine));
      const { coverage } = coverFlow(machine);
      const covered = new Set(
        coverage.transitions.filter(({ status }) => status === 'covered').map(({ name }) => name),
      );
      const states = new Set(
        coverage.states.filter(({ status }) => status === 'covered').map(({ name }) => name),
      );
      let at: AnyMachineSnapshot | undefined;
      const actor = createActor(machine, {
        inspect: (event) => {
          if (event.type !== '@xstate.microstep') return;
          const before = at;
          at = event.snapshot as AnyMachineSnapshot;
          const [taken, ...others] = event._transitions;
          // Of several, one may stand in the way of another.
          if (taken === undefined || others.length > 0 || before === undefined) return;
          const source = [...items.transitions.values()].filter(
            ({ leaf, branch }) =>
              before._nodes.some(({ id }) => id === leaf.id) &&
              branch.source.id === taken.source.id &&
              branch.event === taken.eventType &&
              branch.index === list(taken).indexOf(taken),
          );
          expect(source.length).toBeGreaterThan(0);
          for (const { name } of source) expect(covered).toContain(name);
        },
      });
      actor.start();
      at = actor.getSnapshot();
      for (const type of sent) {
        // A guard may say something else at every event.
        seen.clear();
        if (actor.getSnapshot().status !== 'active') break;
        actor.send({ type });
        for (const { path, parent } of at?._nodes ?? [])
          if (parent !== undefined) expect(states).toContain(path.join('.'));
      }
    }),
    runs,
  );
});

type Taken =
  AnyStateMachine['root']['transitions'] extends Map<string, infer T>
    ? T extends readonly (infer U)[]
      ? U
      : never
    : never;
const list = ({ source, eventType }: Taken): readonly Taken[] =>
  (eventType === '' ? source.always : source.transitions.get(eventType)) ?? [];
