// Frames for Stately's viewers, of workers that really run, held against what `@statelyai/inspect` makes of the same run.
import { createInspector, type StatelyInspectionEvent } from '@statelyai/inspect';
import { afterEach, describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, createMachine, fromPromise, type InspectionEvent } from 'xstate';
import {
  createStatelyInspector,
  type StatelyFrame,
  type StatelyInspectorOptions,
} from '../../src/inspector/index.js';
import { defineWorker, step } from '../../src/worker/define-worker.js';
import { failed } from '../../src/worker/definition.js';
import { Stage } from '../worker/stage.js';

const adder = defineWorker({
  name: 'adder',
  steps: { Add: { run: () => 'the sum' }, Fail: { run: () => failed() } },
});

const stages: Stage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.end();
});

const gathered = (options: Partial<StatelyInspectorOptions> = {}) => {
  const frames: StatelyFrame[] = [];
  const inspector = createStatelyInspector({ send: (frame) => frames.push(frame), ...options });
  return { frames, inspector };
};

/** Plays jobs one after the other, watched by the observer; returns when the worker stopped. */
async function watched(
  observer: { next(event: InspectionEvent): void },
  steps: readonly string[] = ['Add'],
  concurrency = 1,
) {
  const stage = new Stage();
  stages.push(stage);
  const worker = await stage.play(adder, { inspect: observer, concurrency });
  for (const step of steps) {
    const job = await stage.engine.send(`adder:${step}`, { parameters: { secret: 'hunter2' } });
    await job.final();
  }
  await worker.reached('listening.flowing');
  await stage.broker.idle();
  return { stage, worker };
}

const states = (frames: readonly StatelyFrame[], name: string) => {
  const sessions = new Set(
    frames.flatMap((frame) =>
      frame.type === '@xstate.actor' && frame.name === name ? [frame.sessionId] : [],
    ),
  );
  return frames.flatMap((frame) =>
    frame.type === '@xstate.snapshot' && sessions.has(frame.sessionId) ? [frame.snapshot.value] : [],
  );
};

const route = ['listening', 'received', 'acknowledged', 'parsing', 'verified', 'doingTheNeedful'];

describe('frames for Stately', () => {
  it('show every state of a job in order, those that last no time too', async () => {
    const { frames, inspector } = gathered();
    const { worker } = await watched(inspector, ['Add', 'Fail', 'Unknown']);
    await worker.stop();
    expect(states(frames, 'job')).toEqual([
      ...route,
      'completed',
      ...route,
      'failed',
      ...[
        'listening',
        'received',
        'acknowledged',
        'parsing',
        'invalid',
        'deadLettering',
        'listening',
        'stopped',
      ],
    ]);
    expect(states(frames, 'job')).toEqual(['listening', ...worker.route('job')]);
  });

  it('are what @statelyai/inspect alone loses', async () => {
    const stock: StatelyInspectionEvent[] = [];
    const { inspect } = createInspector({ send: (frame) => stock.push(frame) });
    const { worker } = await watched({ next: (event) => inspect.next?.(event) });
    await worker.stop();
    // It puts off every frame by a turn of the timers.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const shown = new Set(states(stock as unknown as StatelyFrame[], 'job'));
    expect(shown.has('listening')).toBe(true);
    for (const state of ['received', 'acknowledged', 'parsing']) expect(shown.has(state)).toBe(false);
  });

  it('carry the time, and a number that gives their order', async () => {
    const { frames, inspector } = gathered({ now: () => 1_700_000_000_000 });
    await watched(inspector);
    expect(frames.map(({ id }) => id)).toEqual(frames.map((_, index) => String(index + 1)));
    expect(new Set(frames.map(({ createdAt }) => createdAt))).toEqual(new Set(['1700000000000']));
  });

  it('tell actors apart: each lane, the worker and each step, before anything else about them', async () => {
    const { frames, inspector } = gathered();
    await watched(inspector, ['Add', 'Add'], 2);
    const made = frames.filter(({ type }) => type === '@xstate.actor');
    expect(made.filter((frame) => 'name' in frame && frame.name === 'job')).toHaveLength(2);
    expect(made.filter((frame) => 'name' in frame && frame.name === 'worker')).toHaveLength(1);
    const seen = new Set<string>();
    for (const { type, sessionId } of frames) {
      if (type === '@xstate.actor') {
        expect(seen.has(sessionId)).toBe(false);
        seen.add(sessionId);
      }
      expect(seen.has(sessionId)).toBe(true);
    }
  });

  it('show the machine of a step: its definition, its states, none of its context', async () => {
    const { frames, inspector } = gathered();
    const stage = new Stage();
    stages.push(stage);
    const Count = step({}).machine({
      context: () => ({ secret: 'hunter2' }),
      initial: 'counting',
      states: {
        counting: { description: 'Counts.', run: () => ({}), done: { target: 'counted' } },
        counted: { completed: () => 3 },
      },
    });
    const counter = defineWorker({ name: 'counter', steps: { Count } });
    await stage.play(counter, { inspect: inspector });
    await (await stage.engine.send('counter:Count')).final();
    expect(states(frames, 'needful')).toEqual(['counting', 'counted']);
    const made = frames.find((frame) => frame.type === '@xstate.actor' && frame.name === 'needful');
    expect(made).toMatchObject({ definition: expect.stringContaining('"description":"Counts."') });
    expect(JSON.stringify(frames)).not.toContain('hunter2');
  });

  it('carry the definition of the machine that runs, and none of its context', () => {
    const { frames, inspector } = gathered();
    const machine = createMachine({
      id: 'door',
      initial: 'closed',
      context: { pin: 'hunter2' },
      states: {
        closed: {
          description: 'Nobody gets in.',
          on: {
            open: [
              {
                guard: 'isAllowed',
                target: 'opened',
                actions: [{ type: 'ring', params: { pin: 'hunter2' } }],
              },
            ],
          },
        },
        opened: {
          entry: () => {},
          after: { 1000: 'closed' },
          invoke: { src: 'watch', input: { pin: 'hunter2' } },
        },
      },
    });
    createActor(machine, { inspect: inspector }).start();
    const [first] = frames;
    if (first?.type !== '@xstate.actor') throw new Error('no actor was announced');
    expect(JSON.stringify(frames)).not.toContain('hunter2');
    const { states: drawn, ...root } = JSON.parse(first.definition);
    expect(root).toMatchObject({ id: 'door', initial: 'closed' });
    expect(drawn.closed).toMatchObject({
      description: 'Nobody gets in.',
      on: { open: [{ target: 'opened', guard: 'isAllowed', actions: ['ring'] }] },
    });
    expect(drawn.opened).toMatchObject({ entry: ['(inline)'], after: { 1000: [{ target: 'closed' }] } });
    // What a viewer makes of a definition: a machine.
    expect(createMachine(JSON.parse(first.definition)).root.states.closed?.description).toBe(
      'Nobody gets in.',
    );
  });

  it('can be had again by a viewer that comes late, with the states of now', async () => {
    const { frames, inspector } = gathered();
    const { worker } = await watched(inspector, ['Add', 'Fail']);
    const late = inspector.catchUp();
    expect(late.map(({ name, snapshot }) => [name, snapshot.value])).toEqual(
      expect.arrayContaining([
        ['job', 'listening'],
        ['worker', { listening: 'flowing' }],
      ]),
    );
    expect(Number(late[0]?.id)).toBeGreaterThan(Number(frames.at(-1)?.id));
    await worker.stop();
    expect(inspector.catchUp()).toEqual([]);
  });

  it('carry no body, parameter or result unless they are revealed', async () => {
    const closed = gathered();
    await watched(closed.inspector);
    const text = JSON.stringify(closed.frames);
    for (const secret of ['hunter2', 'the sum', 'parameters']) expect(text).not.toContain(secret);

    const open = gathered({
      reveal: ({ part, actor, value }) => (part === 'context' && actor === 'job' ? value : undefined),
    });
    await watched(open.inspector);
    expect(JSON.stringify(open.frames)).toContain('hunter2');
  });

  it('are plain JSON and bounded, whatever is revealed', () => {
    const cycle: Record<string, unknown> = { name: 'cycle' };
    cycle.self = cycle;
    const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => ({ inner }), 'bottom');
    const nasty = {
      cycle,
      deep,
      bytes: Buffer.alloc(1_000_000),
      big: 10n ** 30n,
      run: () => {},
      long: 'x'.repeat(1_000_000),
      many: Array.from({ length: 100_000 }, (_, index) => index),
      odd: [
        undefined,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Symbol('s'),
        new Date(Number.NaN),
        new Map([[1, 2]]),
      ],
      error: new Error('broken'),
      proxy: new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
      get broken() {
        throw new Error('no');
      },
      toJSON: () => {
        throw new Error('no');
      },
    };
    const parts = Object.keys(Object.getOwnPropertyDescriptors(nasty)).filter((key) => key !== 'broken');
    for (const key of parts) {
      const { frames, inspector } = gathered({ reveal: () => (nasty as Record<string, unknown>)[key] });
      const actor = createActor(createMachine({ id: 'm', context: { a: 1 } }), {
        inspect: inspector,
      }).start();
      actor.send({ type: 'x' });
      expect(inspector.droppedCount).toBe(0);
      for (const frame of frames) {
        const json = JSON.stringify(frame);
        expect(json.length).toBeLessThan(20_000);
        // Nothing changes on its way, but what is undefined.
        expect(JSON.stringify(JSON.parse(json))).toBe(json);
      }
    }
    const { frames, inspector } = gathered({ reveal: () => nasty });
    createActor(createMachine({ id: 'm', context: { a: 1 } }), { inspect: inspector }).start();
    expect(JSON.stringify(frames)).toContain('[unreadable]');
  });

  it('neither end the actor when sending or revealing throws, nor go on without being counted', () => {
    const boom = () => {
      throw new Error('no');
    };
    const inspector = createStatelyInspector({ send: boom, reveal: boom });
    const actor = createActor(createMachine({ id: 'm', on: { x: {} } }), { inspect: inspector }).start();
    actor.send({ type: 'x' });
    expect(actor.getSnapshot().status).toBe('active');
    expect(inspector.droppedCount).toBeGreaterThan(1);
  });

  it('tell of actors that are no machines: how they end', async () => {
    const { frames, inspector } = gathered({
      reveal: ({ part, value }) => (part === 'output' ? value : undefined),
    });
    const actor = createActor(
      fromPromise(async () => 42),
      { inspect: inspector },
    );
    const done = new Promise((resolve) => actor.subscribe({ complete: () => resolve(null) }));
    actor.start();
    await done;
    expect(frames.at(-1)).toMatchObject({
      type: '@xstate.snapshot',
      snapshot: { status: 'done', output: 42 },
    });
    expect(inspector.catchUp()).toEqual([]);
  });

  it('keep a bounded number of actors for late viewers', () => {
    const { inspector } = gathered();
    const machine = createMachine({ id: 'm' });
    const actors: AnyActorRef[] = Array.from({ length: 1100 }, () =>
      createActor(machine, { inspect: inspector }).start(),
    );
    expect(actors).toHaveLength(1100);
    expect(inspector.catchUp()).toHaveLength(1000);
  });
});
