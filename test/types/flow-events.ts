// Which events a running worker can be given: those of its flow. Held by `npm run types`; nothing here runs.
import {
  type AnyFlow,
  createWorker,
  defineFlow,
  defineWorker,
  extendFlow,
  type RunningWorker,
  type Transport,
  type Worker,
} from 'needful-worker';
import { laneSetup, noJob } from 'needful-worker/machines';
import { expectTypeOf } from 'vitest';
import { type AnyStateMachine, setup } from 'xstate';
import { z } from 'zod';

declare const transport: Transport;
type EventsOf<W> = W extends RunningWorker<infer E> ? E : 'nothing';
const steps = { Do: { run() {} } };

// A change of the default flow, written where the worker is.
const approved = createWorker(
  defineWorker({
    name: 'w',
    acknowledge: 'settled',
    flow: (base) =>
      extendFlow(base, {
        events: ['approval.granted', 'approval.refused'],
        states: {
          verified: { on: { 'reply.confirmed': { target: 'approval' } } },
          approval: {
            description: 'Asks.',
            deadline: 1,
            on: {
              'approval.granted': { target: 'doingTheNeedful' },
              'approval.refused': { target: 'rejected' },
            },
          },
        },
      }),
    steps: { Do: { parameters: z.object({ a: z.string() }), run: ({ parameters }) => parameters.a.length } },
  }),
  { transport },
);
expectTypeOf<EventsOf<typeof approved>>().toEqualTypeOf<'approval.granted' | 'approval.refused'>();
approved.send('id', { type: 'approval.granted', by: 'me' });
approved.send('id', { type: 'cancel' });
// @ts-expect-error no such event
approved.send('id', { type: 'approval.grnted' });
// @ts-expect-error the runtime's own
approved.send('id', { type: 'reply.confirmed' });
expectTypeOf(approved).toExtend<RunningWorker>();

// The default flow has none.
const plain = createWorker(defineWorker({ name: 'w', steps }), { transport });
expectTypeOf<EventsOf<typeof plain>>().toEqualTypeOf<never>();
plain.send('id', { type: 'cancel' });
// @ts-expect-error none of its own
plain.send('id', { type: 'go' });

// A whole flow, a machine.
const whole = defineFlow({
  initial: 'a',
  events: ['mine'],
  replies: 'none',
  states: { a: { description: 'Waits.', tags: ['idle'], on: { mine: { target: 'a' } } } },
});
const drawn = createWorker(defineWorker({ name: 'w', flow: whole, steps }), { transport });
expectTypeOf<EventsOf<typeof drawn>>().toEqualTypeOf<'mine'>();
type Given = typeof laneSetup.types;
const types = {} as { context: Given['context']; events: Given['events'] | { type: 'go'; by: string } };
const machine = setup({ ...laneSetup, types }).createMachine({ context: noJob });
const going = createWorker(defineWorker({ name: 'w', flow: machine, steps }), { transport });
expectTypeOf<EventsOf<typeof going>>().toEqualTypeOf<'go'>();

// Where the names are not known any is taken, and the worker says at run time what it does not know.
declare const some: { worker: Worker; flow: AnyFlow; machine: AnyStateMachine };
createWorker(some.worker, { transport }).send('id', { type: 'anything' });
createWorker(defineWorker({ name: 'w', flow: some.flow, steps }), { transport }).send('id', {
  type: 'anything',
});
createWorker(defineWorker({ name: 'w', flow: some.machine, steps }), { transport }).send('id', {
  type: 'anything',
});
