// Why something is not covered, in a few words.
import type { CoverStep } from './cover-path.js';
import type { GuardItem, TransitionItem } from './items.js';
import { stepsTo } from './search.js';
import { type Survey, waysOf } from './survey.js';

export function reasonsOf({ free, allowed }: Survey) {
  const ways = new Map<string, string>();
  const note = (names: readonly string[], steps: () => readonly CoverStep[]) => {
    const missing = names.filter((name) => !ways.has(name));
    if (missing.length === 0) return;
    const events = steps().flatMap(({ transient, event }) => (transient ? [] : [event]));
    for (const name of missing)
      ways.set(name, events.length === 0 ? 'so it begins' : `as by ${events.join(', ')}`);
  };
  for (const place of allowed.places)
    note(
      [...place.situation.active].map(({ name }) => name),
      () => stepsTo(place),
    );
  for (const { from, step } of waysOf(allowed)) note(step.covers, () => [...stepsTo(from), step]);
  const inside = new Set(free.places.flatMap(({ situation }) => [...situation.active]));
  const resting = new Set(
    free.places.flatMap(({ situation, rests }) => (rests ? [...situation.active] : [])),
  );
  return {
    uncovered: (name: string): string => ways.get(name) ?? 'nothing that was given does it',
    unreachable: ({ leaf, branch }: TransitionItem | GuardItem): string => {
      if (!inside.has(leaf)) return `no way leads to ${leaf.name}`;
      const comes = branch.event !== '' && !branch.event.startsWith('xstate.done.state.');
      if (comes && !resting.has(leaf)) return `${leaf.name} is left before an event can come`;
      return `another way of ${leaf.name} is taken first`;
    },
  };
}
