// Walks every way of a job through a flow, from one rest to the next, and holds it against what is promised of a job: one
// kind of final reply, repeated only where it is not known whether it arrived, or a named end without one; settled once.
// What is known on the way (the outcome, whether the job is valid) decides guards of the runtime; others may go either way.
import { missing, waysOn } from './answers.js';
import { gatherByState } from './defects-on-ways.js';
import {
  type AnyBranch,
  type AnyState,
  type Flow,
  isIdle,
  list,
  nameOf,
  type OneOrMany,
  type Ref,
  waits,
} from './flow.js';
import type { FlowDefectCode, Found } from './flow-defect.js';
import { effectOf, fresh, type Situation } from './situation.js';
import type { Vocabulary } from './vocabulary.js';

/** The way so far and the event that is being answered. */
interface Walk {
  readonly now: Situation;
  readonly event: string;
  readonly way: readonly string[];
}

export function checkPromises(
  flow: Flow,
  given: { readonly vocabulary: Vocabulary; readonly found: Found },
): void {
  const { vocabulary, found } = given;
  const seen = new Set<string>();
  const queue: Walk[] = [];
  const { actions: meanings, guards: knowledge } = vocabulary;
  const stateOf = (name: string) => flow.states[name] as AnyState;
  const gathered = gatherByState();
  const foundOn = ({ now, way }: Walk, told: { code: FlowDefectCode; message: (ways: string) => string }) =>
    gathered.add({ state: now.state, way, ...told });

  /** An action may go well or lose the delivery: one situation or two. */
  const perform = (walk: Walk, ref: Ref<string>): Walk[] => {
    const { now, event } = walk;
    const meaning = meanings[nameOf(ref)];
    if (meaning === undefined) return [walk];
    const next = { ...now, ...effectOf(meaning, { now, event }) };
    const { state } = now;
    if (meaning.rests)
      foundOn(walk, {
        code: 'REST_EARLY',
        message: (ways) =>
          `state ${state} says by \`rest\` that the lane is free while it has a job; leave that to the idle state: ${ways}`,
      });
    if (meaning.replies !== undefined) checkReply(walk, meaning.replies);
    if (meaning.settles === 'acknowledge' || meaning.settles === 'reject') {
      if (now.settled !== 'no')
        foundOn(walk, {
          code: 'SETTLE_TWICE',
          message: (ways) =>
            `state ${state} settles again what was ${now.settled === 'yes' ? 'settled' : 'lost'}: ${ways}`,
        });
      else
        return [
          { ...walk, now: { ...next, settled: 'yes' } },
          { ...walk, now: { ...next, settled: 'being lost' } },
        ];
    }
    return [{ ...walk, now: next }];
  };

  const checkReply = (walk: Walk, kind: 'started' | 'completed' | 'failed') => {
    const { state, started, reply, outcome, doubted } = walk.now;
    if (kind === 'started') {
      if (reply !== null || started)
        foundOn(walk, {
          code: 'REPLY_AFTER_FINAL',
          message: (ways) =>
            `state ${state} sends \`started\` ${reply === null ? 'a second time' : 'after the final reply'}: ${ways}`,
        });
      return;
    }
    if (reply === null && outcome !== kind)
      foundOn(walk, {
        code: 'OUTCOME_MISSING',
        message: (ways) =>
          `state ${state} sends \`${kind}\` where the outcome is ${outcome ?? 'not known'}; keep it on the way with \`keepOutcome\`, \`refuse\` or \`complete\`: ${ways}`,
      });
    if (reply !== null && (reply !== kind || !doubted))
      foundOn(walk, {
        code: 'REPLY_TWICE',
        message: (ways) =>
          `state ${state} sends a second final reply; after the first go to a state that rests, or through one with \`recordUnknown\`: ${ways}`,
      });
  };

  const through = (walks: readonly Walk[], refs: OneOrMany<Ref<string>> | undefined): Walk[] =>
    list(refs).reduce<Walk[]>((all, ref) => all.flatMap((walk) => perform(walk, ref)), [...walks]);

  /** Every way that may be taken out of a state for this event. */
  const take = (walk: Walk, branches: readonly AnyBranch[]): void => {
    let rest: Situation | null = walk.now;
    for (const { guard, target, actions, reenter } of branches) {
      if (rest === null) return;
      const [yes, no]: readonly [Situation | null, Situation | null] =
        guard === undefined ? [rest, null] : decide(guard, rest);
      rest = no;
      if (yes === null) continue;
      // As XState does: a state that leads to itself is left only if it says so.
      const stays = target === undefined || (target === walk.now.state && !reenter);
      const left = stays
        ? [{ ...walk, now: yes }]
        : through([{ ...walk, now: yes }], stateOf(walk.now.state).exit);
      for (const gone of through(left, actions)) {
        if (stays) queue.push(gone);
        else enter(gone, target);
      }
    }
  };

  /** With the guard true and false; null: cannot be. One of the flow's own under a name of the runtime only narrows it. */
  const decide = (guard: string, now: Situation): readonly [Situation | null, Situation | null] => {
    const [yes, no] = known(guard, now);
    return [yes, flow.guards?.[guard] === undefined ? no : now];
  };

  const known = (guard: string, now: Situation): readonly [Situation | null, Situation | null] => {
    const claim = knowledge[guard];
    if (claim === 'lost') return now.settled === 'lost' ? [now, null] : [null, now];
    if (claim === 'unsettled') return now.settled === 'no' ? [now, null] : [null, now];
    if (claim === 'completed') return now.outcome === 'completed' ? [now, null] : [null, now];
    if (claim !== 'valid' && claim !== 'invalid') return [now, now];
    const holds = { ...now, valid: claim === 'valid' };
    if (now.valid === null) return [holds, { ...now, valid: claim !== 'valid' }];
    return now.valid === holds.valid ? [now, null] : [null, now];
  };

  const enter = (walk: Walk, target: string): void => {
    const entered = { ...walk, now: { ...walk.now, state: target }, way: [...walk.way, target] };
    const state = stateOf(target);
    // What ends here is held before the entry forgets it.
    if (isIdle(state)) {
      checkEnd(entered);
      return;
    }
    for (const next of through([entered], state.entry)) {
      if (state.type === 'final') checkEnd(next);
      else queue.push(next);
    }
  };

  const checkEnd = (walk: Walk): void => {
    const { settled, reply, ended } = walk.now;
    const silent = flow.replies === 'none' && settled !== 'no';
    if (settled === 'no')
      foundOn(walk, {
        code: 'SETTLE_MISSING',
        message: (ways) => `the delivery is not settled on ${ways}; pass a state with \`acknowledge\``,
      });
    if (reply === null && !ended && !silent)
      foundOn(walk, {
        code: 'REPLY_MISSING',
        message: (ways) =>
          `nobody is told how the job ended on ${ways}; pass completed, failed or unanswered`,
      });
  };

  /** Goes every way on; what is missing to an answer. */
  const answer = (walk: Walk, event: string): string | null => {
    const at = { state: walk.now.state, event };
    take({ ...walk, event }, waysOn(flow, at));
    return missing(flow, at);
  };

  const rest = (walk: Walk): void => {
    const { state, settled, reply, ended } = walk.now;
    const losing = settled === 'being lost';
    if (losing || settled === 'no') {
      const gone = { ...walk, now: { ...walk.now, settled: 'lost' as const } };
      const gap = answer(gone, 'delivery.lost');
      if (gap !== null)
        found(
          'LOSS_UNANSWERED',
          state,
          `state ${state} ${gap}, but the delivery may be lost in it; give it \`on: { 'delivery.lost': { target: 'lost' } }\``,
        );
    }
    if (losing) return;
    const events = new Set([...Object.keys(stateOf(state).on ?? {}), ...Object.keys(flow.on ?? {})]);
    for (const event of events) {
      if (event !== 'delivery.lost' && event !== 'delivery.received') answer(walk, event);
    }
    const gap = missing(flow, { state, event: 'cancel' });
    if (reply === null && !ended && gap !== null)
      found(
        'CANCEL_UNANSWERED',
        state,
        `state ${state} ${gap}; give it \`on: { cancel: { target: 'failed', actions: 'keepOutcome' } }\``,
      );
  };

  for (const [name, state] of Object.entries<AnyState>(flow.states)) {
    if (!isIdle(state)) continue;
    const entry = list(state.entry).map((ref) => meanings[nameOf(ref)]);
    if (!entry.some((meaning) => meaning?.rests) || !entry.some((meaning) => meaning?.keeps === 'nothing'))
      found(
        'REST_MISSING',
        name,
        `state ${name} is idle; it needs \`entry: ['forget', 'rest']\` to be given the next job`,
      );
    const begin = { now: { state: name, ...fresh }, event: 'delivery.received', way: [] };
    const gap = answer(begin, 'delivery.received');
    if (gap !== null)
      found(
        'EVENT_UNANSWERED',
        name,
        `state ${name} is idle and ${gap}; give it \`on: { 'delivery.received': { target: …, actions: 'take' } }\``,
      );
  }
  for (let walk = queue.shift(); walk !== undefined; walk = queue.shift()) {
    const key = JSON.stringify([walk.now, waits(stateOf(walk.now.state)) ? '' : walk.event]);
    if (seen.has(key)) continue;
    seen.add(key);
    const state = stateOf(walk.now.state);
    take(walk, list(state.always));
    if (waits(state)) rest(walk);
  }
  gathered.tell(found);
}
