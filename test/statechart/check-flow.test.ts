// Every defect that a flow can have is found, by its code and with the state's name; flows without any are let through.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { defineFlow, jobFlow } from '../../machines/index.js';
import {
  type AnyFlow,
  checkFlow,
  extendFlow,
  type Flow,
  type FlowDefectCode,
  flowDefects,
} from '../../src/statechart/index.js';

type Change = Parameters<
  typeof extendFlow<string, string, string, string, string, string, string, string>
>[1];

/** jobFlow as a user without a compiler would change it. */
const changed = (change: object): AnyFlow => extendFlow(jobFlow as unknown as Flow, change as Change);
const approval = { description: 'Waits.', deadline: 1000, on: { 'deadline.passed': { target: 'failed' } } };
const toApproval = { on: { 'reply.confirmed': { target: 'approval' } } };

/** jobFlow with something in it that its types refuse. */
const spoiled = (change: object): AnyFlow => ({ ...jobFlow, ...change });
const withState = (name: string, state: unknown) => spoiled({ states: { ...jobFlow.states, [name]: state } });

const defective: readonly (readonly [FlowDefectCode, string | null, string, AnyFlow])[] = [
  [
    'SHAPE_INVALID',
    'verified',
    'state verified on deadline.passed must be `{ target: \'failed\' }`, got "failed"',
    changed({ states: { verified: { on: { 'deadline.passed': 'failed' } } } }),
  ],
  [
    'KEY_UNKNOWN',
    'verified',
    'state verified has `onn`, did you mean "on"?',
    changed({ states: { verified: { onn: {} } } }),
  ],
  [
    'NAME_INVALID',
    'a.b',
    'the name of state a.b must be without "." and not begin with "#"',
    changed({
      states: { verified: { on: { 'reply.confirmed': { target: 'a.b' } } }, 'a.b': approval },
    }),
  ],
  [
    'BRANCH_UNREACHABLE',
    'doingTheNeedful',
    'state doingTheNeedful on cancel never gets beyond its way to failed, which has no guard',
    changed({
      states: {
        doingTheNeedful: {
          on: { cancel: [{ target: 'failed', actions: 'keepOutcome' }, { target: 'unanswered' }] },
        },
      },
    }),
  ],
  [
    'EVENT_RESERVED',
    null,
    '`events` names "cancel", which is the runtime\'s own; leave it out',
    changed({ events: ['cancel'] }),
  ],
  [
    'EVENT_UNUSED',
    null,
    '`events` names "cancell", which no state answers, did you mean "cancel"?',
    changed({ events: ['cancell'] }),
  ],
  [
    'TARGET_UNKNOWN',
    'verified',
    'state verified on reply.confirmed goes to "doingTheNeedfull", did you mean "doingTheNeedful"?',
    changed({ states: { verified: { on: { 'reply.confirmed': { target: 'doingTheNeedfull' } } } } }),
  ],
  [
    'STATE_UNREACHABLE',
    'approval',
    'no way leads to state approval; give one its name as `target`, or leave it out',
    changed({ states: { approval } }),
  ],
  [
    'DEADLINE_MISSING',
    'approval',
    'state approval waits without `deadline`; name one, or give milliseconds',
    changed({ states: { verified: toApproval, approval: { ...approval, deadline: undefined } } }),
  ],
  [
    'DEADLINE_UNKNOWN',
    'approval',
    'state approval has the deadline "replay", did you mean "reply"? Or give milliseconds',
    changed({ states: { verified: toApproval, approval: { ...approval, deadline: 'replay' } } }),
  ],
  [
    'DESCRIPTION_MISSING',
    'approval',
    'state approval has no `description`; say in one sentence what it is',
    changed({ states: { verified: toApproval, approval: { ...approval, description: '' } } }),
  ],
  [
    'EVENT_UNANSWERED',
    'approval',
    `state approval does not answer "deadline.passed"; give it \`on: { 'deadline.passed': { target: … } }\``,
    changed({ states: { verified: toApproval, approval: { ...approval, on: {} } } }),
  ],
  [
    'EVENT_UNKNOWN',
    'approval',
    'state approval answers "approval.grated", did you mean "approval.granted"? (`events` names your own)',
    changed({
      events: ['approval.granted'],
      states: {
        verified: toApproval,
        approval: { ...approval, on: { ...approval.on, 'approval.grated': { target: 'failed' } } },
      },
    }),
  ],
  [
    'ACTION_UNKNOWN',
    'completed',
    'state completed names the action "reportCompletd", did you mean "reportCompleted"?',
    changed({ states: { completed: { entry: 'reportCompletd' } } }),
  ],
  [
    'GUARD_UNKNOWN',
    'parsing',
    'state parsing always names the guard "isvalid", did you mean "isValid"?',
    changed({
      states: { parsing: { always: [{ guard: 'isvalid', target: 'verified' }, { target: 'invalid' }] } },
    }),
  ],
  [
    'ACTOR_UNKNOWN',
    'approval',
    'state approval runs "aks", did you mean "ask"?',
    changed({
      actors: { ask: () => {} },
      states: {
        verified: toApproval,
        approval: {
          ...approval,
          run: 'aks',
          on: { ...approval.on, 'step.completed': { target: 'failed' }, 'step.failed': { target: 'failed' } },
        },
      },
    }),
  ],
  [
    'IMPLEMENTATION_UNUSED',
    null,
    '`guards` has "isvalid", which no state uses, did you mean "isValid"?',
    changed({ guards: { isvalid: () => true } }),
  ],
  [
    'ACTION_RESERVED',
    null,
    'the action "acknowledge" is the runtime\'s own; give yours another name and list it beside it',
    changed({ actions: { acknowledge: () => {} } }),
  ],
  [
    'ALWAYS_CYCLE',
    'acknowledged',
    'acknowledged -> parsing -> acknowledged goes on for ever; give an `always` of it a `guard`',
    changed({ states: { parsing: { always: { target: 'acknowledged' } } } }),
  ],
  [
    'STOP_UNANSWERED',
    'verified',
    'state verified does not answer "stop"; give the flow `on: { stop: { target: … } }`',
    { ...jobFlow, on: {} } as AnyFlow,
  ],
  [
    'CANCEL_UNANSWERED',
    'doingTheNeedful',
    `state doingTheNeedful does not answer "cancel"; give it \`on: { cancel: { target: 'failed', actions: 'keepOutcome' } }\``,
    changed({ states: { doingTheNeedful: { on: { cancel: null } } } }),
  ],
  [
    'LOSS_UNANSWERED',
    'verified',
    `state verified does not answer "delivery.lost", but the delivery may be lost in it; give it \`on: { 'delivery.lost': { target: 'lost' } }\``,
    changed({ states: { verified: { on: { 'delivery.lost': null } } } }),
  ],
  [
    'REST_MISSING',
    'listening',
    "state listening is idle; it needs `entry: ['forget', 'rest']` to be given the next job",
    changed({ states: { listening: { entry: 'forget' } } }),
  ],
  [
    'REST_EARLY',
    'completed',
    'state completed says by `rest` that the lane is free while it has a job; leave that to the idle state: received -> acknowledged -> parsing -> verified -> doingTheNeedful -> completed (and 3 other ways)',
    changed({ states: { completed: { entry: ['rest', 'reportCompleted'] } } }),
  ],
  [
    'OUTCOME_MISSING',
    'failed',
    'state failed sends `failed` where the outcome is not known; keep it on the way with `keepOutcome`, `refuse` or `complete`: received -> acknowledged -> parsing -> verified -> failed',
    changed({ states: { verified: { on: { cancel: { target: 'failed' } } } } }),
  ],
  [
    'REPLY_MISSING',
    'listening',
    'nobody is told how the job ended on received -> acknowledged -> parsing -> verified -> doingTheNeedful -> listening (and 1 other way); pass completed, failed or unanswered',
    changed({ states: { doingTheNeedful: { on: { 'step.completed': { target: 'listening' } } } } }),
  ],
  [
    'REPLY_TWICE',
    'failed',
    'state failed sends a second final reply; after the first go to a state that rests, or through one with `recordUnknown`: received -> acknowledged -> parsing -> verified -> doingTheNeedful -> completed -> failed',
    changed({
      states: { completed: { on: { 'reply.lost': { target: 'failed', actions: 'keepOutcome' } } } },
    }),
  ],
  [
    'REPLY_AFTER_FINAL',
    'verified',
    'state verified sends `started` a second time: received -> acknowledged -> parsing -> verified -> doingTheNeedful -> verified (and 1 other way)',
    changed({ states: { doingTheNeedful: { on: { 'step.failed': { target: 'verified' } } } } }),
  ],
  [
    'SETTLE_MISSING',
    'listening',
    'the delivery is not settled on received -> parsing -> invalid -> deadLettering -> listening (and 2 other ways); pass a state with `acknowledge`',
    changed({
      states: {
        received: { always: { target: 'parsing' } },
        parsing: { always: [{ guard: 'isValid', target: 'acknowledged' }, { target: 'invalid' }] },
        acknowledged: { always: { target: 'verified' } },
      },
    }),
  ],
  [
    'SETTLE_TWICE',
    'completed',
    'state completed settles again what was settled: received -> acknowledged -> parsing -> verified -> doingTheNeedful -> completed (and 3 other ways)',
    changed({ states: { completed: { entry: ['acknowledge', 'reportCompleted'] } } }),
  ],
];

/** Every code there is: a union leaves no trace at run time. */
const codes = [
  ...readFileSync(new URL('../../src/statechart/flow-defect.ts', import.meta.url), 'utf8').matchAll(
    /'([A-Z_]+)'/g,
  ),
].map(([, code]) => code as FlowDefectCode);

describe('checkFlow', () => {
  test('has a test and a line in the documentation for every code', () => {
    const page = readFileSync(new URL('../../docs/flows.md', import.meta.url), 'utf8');
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
    expect(new Set(defective.map(([code]) => code))).toEqual(new Set(codes));
  });

  test('has nothing to say about the built-in flow', () => {
    expect(flowDefects(jobFlow)).toEqual([]);
    expect(() => checkFlow(jobFlow)).not.toThrow();
  });

  test.each(defective)('%s is found in %s', (code, state, message, flow) => {
    expect(flowDefects(flow)).toContainEqual({ code, state, message });
  });

  test('finds little but what was spoiled', () => {
    const follows = [
      'IMPLEMENTATION_UNUSED',
      'EVENT_UNUSED',
      'STATE_UNREACHABLE',
      'REPLY_TWICE',
      'LOSS_UNANSWERED',
    ];
    for (const [code, , , flow] of defective.filter(([code]) => code !== 'STOP_UNANSWERED')) {
      const others = flowDefects(flow).filter((defect) => defect.code !== code);
      expect(others.filter((other) => !follows.includes(other.code))).toEqual([]);
    }
  });

  test('tells one defect of a state once, however many ways lead to it', () => {
    for (const [, , , flow] of defective) {
      const told = flowDefects(flow).filter(({ message }) => message.includes(' -> '));
      const each = told.map(({ code, state }) => `${code} ${state}`);
      expect(each).toEqual([...new Set(each)]);
    }
  });

  test('all defects come in one error of one line', () => {
    const flow = changed({
      guards: { isvalid: () => true },
      states: { verified: { on: { 'reply.confirmed': { target: 'elsewhere' } } } },
    });
    expect(() => checkFlow(flow)).toThrow(
      /^flow job has 4 defects: TARGET_UNKNOWN: .*; IMPLEMENTATION_UNUSED: .*; STATE_UNREACHABLE: .*doingTheNeedful[^\n]*; STATE_UNREACHABLE: .*retrying[^\n]*$/,
    );
  });

  test.each<[string, unknown, string]>([
    ['null', null, 'a flow must be an object with `initial` and `states`, got null'],
    ['nothing', {}, '`initial` must name a state, got undefined'],
    ['a flow without states', { initial: 'a' }, '`states` must name at least one state, got undefined'],
    [
      'states that are none',
      withState('x', null),
      'state x must be an object with a `description`, got null',
    ],
    ['an event that is a text', spoiled({ events: 'go' }), '`events` must be a list of names, got "go"'],
    ['replies of another kind', spoiled({ replies: 'some' }), "`replies` must be 'none', or be left out"],
    [
      'an action that is no function',
      spoiled({ actions: { say: 'x' } }),
      '"say" of `actions` must be a function',
    ],
    ['guards as a list', spoiled({ guards: [] }), '`guards` must be functions by name, got a list'],
    ['ways that are none', spoiled({ on: 5 }), '`on` of the flow must be ways by event, got 5'],
    [
      'NaN',
      withState('failed', { deadline: Number.NaN }),
      '`deadline` of state failed must be a name, or mill',
    ],
    ['less than no time', withState('failed', { deadline: -1 }), 'milliseconds from 0 on, got -1'],
    ['for ever', withState('failed', { deadline: Number.POSITIVE_INFINITY }), 'from 0 on, got Infinity'],
    ['parallel', withState('failed', { type: 'parallel' }), "`type` of state failed must be 'final'"],
    ['a tag', withState('failed', { tags: 'idle' }), "`tags` of state failed must be a list, as ['idle']"],
    [
      'a function as action',
      withState('failed', { entry: () => {} }),
      'each action in `entry` of state failed',
    ],
    ['no action', withState('failed', { entry: [null] }), '`{ type, params? }`, got null'],
    [
      'a guard at its place',
      withState('failed', { always: { guard: () => true } }),
      'its function stands in',
    ],
    ['a target that is none', withState('failed', { always: { target: 1 } }), 'must name a state, got 1'],
    [
      'null as way',
      withState('failed', { on: { cancel: null } }),
      'state failed on cancel must be `{ target',
    ],
  ])('reads no further than what has the form of a flow: %s', (_, flow, message) => {
    const defects = flowDefects(flow as AnyFlow);
    expect(new Set(defects.map(({ code }) => code))).toEqual(new Set(['SHAPE_INVALID']));
    expect(defects.map((defect) => defect.message).join('; ')).toContain(message);
    expect(() => checkFlow(flow as AnyFlow)).toThrow(/^flow .* has .*SHAPE_INVALID: /);
  });

  test.each<[string, AnyFlow]>([
    [
      'state verified always has `gaurd`, did you mean "guard"?',
      changed({ states: { verified: { always: { gaurd: 'isValid' } } } }),
    ],
    ['the flow has `state`, did you mean "states"?', spoiled({ state: {} })],
    [
      '`entry` of state failed has `parms`, did you mean "params"?',
      changed({ states: { failed: { entry: { type: 'reportFailed', parms: 1 } } } }),
    ],
  ])('names a key that was probably meant: %s', (message, flow) => {
    expect(flowDefects(flow).map((defect) => [defect.code, defect.message])).toEqual([
      ['KEY_UNKNOWN', message],
    ]);
  });

  test.each(['', '#a', 'a.b', '.'])('a state cannot have the name "%s"', (name) => {
    expect(flowDefects(withState(name, jobFlow.states.lost)).map(({ code }) => code)).toContain(
      'NAME_INVALID',
    );
  });

  test.each([null, undefined, {}, [], 'flow', { states: { x: null } }, { states: [] }])(
    'defineFlow says what is wrong with %j',
    (flow) => {
      expect(() => defineFlow(flow as never)).toThrow(expect.objectContaining({ code: 'FLOW_INVALID' }));
    },
  );
});
