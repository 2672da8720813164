// What must and must not compile when a flow is changed or drawn. Held by `npm run types`; nothing here runs.
import { defineFlow, defineWorker, extendFlow, type Flow, jobFlow, type LaneView } from 'needful-worker';
import { laneSetup, noJob } from 'needful-worker/machines';
import { expectTypeOf } from 'vitest';
import { setup } from 'xstate';

const description = 'Somebody must say yes.';

const approved = extendFlow(jobFlow, {
  events: ['approval.granted'],
  actions: { ring: ({ job, send }) => job?.hosts.length === 0 && send({ type: 'approval.granted' }) },
  guards: { isSmall: ({ parameters }) => parameters !== null },
  actors: {
    ask: async (lane) => {
      expectTypeOf(lane).toEqualTypeOf<LaneView & { readonly signal: AbortSignal }>();
      return lane.signal.aborted;
    },
  },
  states: {
    verified: {
      on: { 'reply.confirmed': [{ guard: 'isSmall', target: 'doingTheNeedful' }, { target: 'approval' }] },
    },
    approval: {
      description,
      entry: ['ring', { type: 'refuse', params: { data: 1 } }],
      run: 'ask',
      deadline: 1000,
      on: { 'approval.granted': { target: 'doingTheNeedful' }, 'step.failed': { target: 'failed' } },
    },
  },
});
type NamesOf<F> =
  F extends Flow<infer S, infer E, infer A, infer G, infer U> ? { s: S; e: E; a: A; g: G; u: U } : never;
type Names = NamesOf<typeof approved>;
expectTypeOf<'approval' | 'doingTheNeedful'>().toExtend<Names['s']>();
expectTypeOf<'approval.granted' | 'cancel' | 'delivery.lost' | 'reply.lost'>().toExtend<Names['e']>();
expectTypeOf<'ring' | 'keepOutcome'>().toExtend<Names['a']>();
expectTypeOf<'isSmall' | 'isValid'>().toExtend<Names['g']>();
expectTypeOf<'ask' | 'needful'>().toExtend<Names['u']>();

// Names survive a second extension, and one that is written inside the definition.
extendFlow(approved, { states: { approval: { deadline: 'reply', on: { 'approval.granted': null } } } });
defineWorker({ name: 'w', flow: approved, steps: { Do: { run() {} } } });
defineWorker({
  name: 'w',
  flow: extendFlow(jobFlow, { actors: { needful: () => 1 } }),
  steps: { Do: { run() {} } },
});
defineWorker({
  name: 'w',
  flow: (base) =>
    extendFlow(base, {
      states: {
        verified: { on: { cancel: { target: 'unanswered' } } },
        // @ts-expect-error no such state
        completed: { on: { 'reply.lost': { target: 'replyUnknwon' } } },
      },
    }),
  steps: { Do: { run() {} } },
});

extendFlow(jobFlow, { events: ['halt'], on: { halt: { target: 'stopped' }, stop: null } });
extendFlow(jobFlow, { states: { retrying: null } });
// @ts-expect-error nothing there to be taken away
extendFlow(jobFlow, { states: { retryng: null } });
// @ts-expect-error no such state
extendFlow(jobFlow, { on: { cancel: { target: 'fialed' } } });
// @ts-expect-error no such event
extendFlow(jobFlow, { events: ['yes'], states: { verified: { on: { yess: { target: 'failed' } } } } });
// @ts-expect-error no such action
extendFlow(jobFlow, { states: { completed: { entry: 'reportComplted' } } });
// @ts-expect-error no such guard
extendFlow(jobFlow, { states: { parsing: { always: { guard: 'isvalid', target: 'verified' } } } });
// @ts-expect-error no such actor
extendFlow(jobFlow, { actors: { ask: () => {} }, states: { doingTheNeedful: { run: 'aks' } } });
// @ts-expect-error no such deadline
extendFlow(jobFlow, { states: { verified: { deadline: 'replay' } } });
// @ts-expect-error a new state must be whole
extendFlow(jobFlow, { states: { approval: { deadline: 1000 } } });
// @ts-expect-error a lane cannot be written to
extendFlow(jobFlow, { guards: { isValid: (lane) => ++lane.lane > 0 } });

defineFlow({
  initial: 'a',
  events: ['mine'],
  states: {
    a: { description, on: { mine: { target: 'b', actions: 'take' } } },
    // @ts-expect-error no such state
    b: { description, always: { target: 'c' } },
  },
});
// @ts-expect-error no such state
defineFlow({ initial: 'b', states: { a: { description } } });

setup({ ...laneSetup, actions: { ...laneSetup.actions, mine: () => {} } }).createMachine({
  context: noJob,
  initial: 'a',
  // @ts-expect-error no such action
  states: { a: { entry: ['mine', 'take', 'tkae'] } },
});
