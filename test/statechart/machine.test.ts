// What createFlowMachine makes of a flow: the order of actions, effects kept apart from updates, errors that end nothing.
import { describe, expect, test } from 'vitest';
import { type AnyEventObject, createActor, initialTransition, transition } from 'xstate';
import type { Flow } from '../../src/statechart/index.js';
import { createFlowMachine, type Implementations, machineConfig } from '../../src/statechart/index.js';

interface Door {
  readonly visits: number;
  readonly [key: string]: unknown;
}
type Action = 'greet' | 'count' | 'ring' | 'close';

const flow: Flow<'shut' | 'opening' | 'open', 'knock' | 'done' | 'kick', Action, 'isKnown', 'butler', never> =
  {
    kind: 'flow',
    id: 'door',
    initial: 'shut',
    on: { kick: { actions: 'ring' } },
    states: {
      shut: {
        description: 'Nobody may come in.',
        exit: 'close',
        on: { knock: { target: 'opening', actions: ['greet', 'count'] } },
      },
      opening: {
        description: 'The visitor is looked at.',
        entry: 'ring',
        run: 'butler',
        exit: 'greet',
        on: { done: [{ guard: 'isKnown', target: 'open' }, { target: 'shut' }] },
      },
      open: { description: 'Come in.', type: 'final' },
    },
  };

type Given = Partial<Implementations<Door, Action, 'isKnown', 'butler'>>;

function door(given: Given = {}) {
  return createFlowMachine<
    Door,
    'shut' | 'opening' | 'open',
    'knock' | 'done' | 'kick',
    Action,
    'isKnown',
    'butler',
    never
  >(
    flow,
    { visits: 0 },
    {
      updates: { count: ({ visits }) => ({ visits: visits + 1 }) },
      effects: {},
      guards: { isKnown: ({ visits }) => visits > 1 },
      ...given,
    },
  );
}

describe('createFlowMachine', () => {
  test('runs exit, transition, entry, then starts the actor; leaving, it aborts the actor before anything else', () => {
    const log: string[] = [];
    const say = (what: string) => () => void log.push(what);
    const machine = door({
      effects: { greet: say('greet'), ring: say('ring'), close: say('close') },
      entered: (state) => log.push(`enter ${state}`),
      start: (actor) => log.push(`start ${actor}`),
      abort: (actor) => log.push(`abort ${actor}`),
    });
    const actor = createActor(machine).start();
    expect(log.splice(0)).toEqual(['enter shut']);
    actor.send({ type: 'knock' });
    expect(log.splice(0)).toEqual(['close', 'greet', 'enter opening', 'ring', 'start butler']);
    actor.send({ type: 'done' });
    expect(log.splice(0)).toEqual(['abort butler', 'greet', 'enter shut']);
  });

  test('an effect sees the context after the updates before it, and the event', () => {
    const seen: unknown[] = [];
    const ring = ({ context, event }: { context: Door; event: AnyEventObject }) =>
      seen.push([context.visits, event.type]);
    const actor = createActor(door({ effects: { ring } })).start();
    actor.send({ type: 'knock' });
    expect(seen).toEqual([[1, 'knock']]);
  });

  test('an effect that throws ends nothing: the machine goes on, and is sent what `threw` says', () => {
    const threw: string[] = [];
    const machine = door({
      effects: {
        ring: () => {
          throw new Error('the bell is broken');
        },
      },
      threw: (error, action) => {
        threw.push(`${action}: ${(error as Error).message}`);
        return { type: 'done' };
      },
    });
    const actor = createActor(machine).start();
    actor.send({ type: 'knock' });
    expect(threw).toEqual(['ring: the bell is broken']);
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'shut', context: { visits: 1 } });
  });

  test.each(['entered', 'start', 'abort'] as const)('a throw in `%s` ends nothing either', (which) => {
    const actor = createActor(
      door({
        [which]: () => {
          throw new Error('no');
        },
      }),
    ).start();
    actor.send({ type: 'knock' });
    actor.send({ type: 'done' });
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'shut' });
  });

  test('what an effect sends comes behind what waits, once the states have settled', () => {
    const values: unknown[] = [];
    const actor = createActor(
      door({
        effects: { ring: ({ send }) => send({ type: 'done' }) },
        updates: { count: () => ({ visits: 9 }) },
      }),
    );
    actor.subscribe(({ value }) => values.push(value));
    actor.start();
    actor.send({ type: 'knock' });
    expect(values.slice(-2)).toEqual(['opening', 'open']);
  });

  test('updates are pure: asked twice for the same, it answers the same, and the old context stays', () => {
    const machine = door();
    const [before] = initialTransition(machine);
    const [first] = transition(machine, before, { type: 'knock' });
    const [second] = transition(machine, before, { type: 'knock' });
    expect(first.context).toEqual({ visits: 1 });
    expect(second.context).toEqual(first.context);
    expect(before.context).toEqual({ visits: 0 });
  });

  test('a guard sees the context, the first branch that holds is taken', () => {
    const machine = door();
    const states: unknown[] = [];
    let [snapshot] = initialTransition(machine);
    for (const type of ['knock', 'done', 'knock', 'done']) {
      [snapshot] = transition(machine, snapshot, { type });
      states.push(snapshot.value);
    }
    expect(states).toEqual(['opening', 'shut', 'opening', 'open']);
    expect(snapshot.status).toBe('done');
  });

  test('what the root answers is answered in every state, and a branch without target leaves the state alone', () => {
    const rung: unknown[] = [];
    const actor = createActor(door({ effects: { ring: ({ event }) => rung.push(event.type) } })).start();
    actor.send({ type: 'kick' });
    actor.send({ type: 'knock' });
    actor.send({ type: 'kick' });
    expect(rung).toEqual(['kick', 'knock', 'kick']);
    expect(actor.getSnapshot().value).toBe('opening');
  });

  test('a chain of `always` without end is an error, not a blocked process', () => {
    const endless: Flow<'a' | 'b', 'go', never, never, never, never> = {
      kind: 'flow',
      id: 'endless',
      initial: 'a',
      states: {
        a: { description: 'Goes to b.', on: { go: { target: 'b' } } },
        b: { description: 'Goes to itself, by way of c.', always: { target: 'b', actions: [] } },
      },
    };
    const states = {
      ...endless.states,
      b: { description: 'Goes to c.', always: { target: 'c' } },
      c: { description: 'Goes to b.', always: { target: 'b' } },
    };
    const machine = createFlowMachine(
      { ...endless, states } as Flow,
      {},
      { updates: {}, effects: {}, guards: {} },
    );
    const actor = createActor(machine);
    const errors: unknown[] = [];
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    actor.send({ type: 'go' });
    expect(errors).toHaveLength(1);
    expect(String(errors[0])).toMatch(/1000|infinite/i);
  });
});

describe('machineConfig', () => {
  test('is plain data: names only, so that it survives JSON', () => {
    const config = machineConfig(flow as Flow);
    expect(JSON.parse(JSON.stringify(config))).toEqual(JSON.parse(JSON.stringify(structuredClone(config))));
    expect(config).toMatchObject({ id: 'door', initial: 'shut', options: { maxIterations: 1000 } });
  });

  test('names of its own begin with $', () => {
    const { states } = machineConfig(flow as Flow, true) as {
      states: Record<string, { entry: string[]; exit: string[] }>;
    };
    expect(states.opening).toMatchObject({
      entry: ['$enter.opening', 'ring', '$start.butler'],
      exit: ['$abort.butler', 'greet'],
    });
  });
});
