// Bugs in the drawing of the job's flow and in what its guards and updates do: a way too many, a way that is missing, one that
// leads elsewhere.
import type { Mutant } from './mutant.js';

const drawing: readonly Omit<Mutant, 'file'>[] = [
  {
    name: 'a lane that rests does not forget the last job',
    about: 'state listening, promise I1',
    find: "entry: ['forget', 'rest'],",
    replace: "entry: 'rest',",
  },
  {
    name: 'the acknowledgement of what was received is forgotten',
    about: 'state received, settle path received, promise I1',
    find: "always: { target: early ? 'acknowledged' : 'parsing' },",
    replace: "always: { target: 'parsing' },",
  },
  {
    name: 'the acknowledgement of what was verified is forgotten',
    about: 'state acknowledged, settle path verified, promise I1',
    find: "acknowledge === 'verified' ? ['acknowledge', 'noteSettled'] : 'acknowledge',",
    replace: "acknowledge === 'verified' ? 'noteSettled' : 'acknowledge',",
  },
  {
    name: 'a delivery is acknowledged twice',
    about: 'state acknowledged, settle path received, promise I4',
    find: "acknowledge === 'verified' ? ['acknowledge', 'noteSettled'] : 'acknowledge',",
    replace: "acknowledge === 'verified' ? ['acknowledge', 'noteSettled'] : ['acknowledge', 'acknowledge'],",
  },
  {
    name: 'a job is acknowledged before its final reply is confirmed',
    about: 'state completed, settle path settled, promise I1',
    find: "entry: 'reportCompleted',",
    replace: "entry: late ? ['acknowledge', 'reportCompleted'] : 'reportCompleted',",
  },
  {
    name: 'an invalid job is told that it was started',
    about: 'state parsing, promise I5',
    find: "          { target: 'invalid' },\n        ],",
    replace: "          { target: 'verified' },\n        ],",
  },
  {
    name: 'the needful begins before `started` is confirmed',
    about: 'state verified, promise I2',
    find: "entry: 'reportStarted',",
    replace: "entry: 'reportStarted',\n        always: { target: 'doingTheNeedful' },",
  },
  {
    name: 'the needful begins although `started` may not have arrived',
    about: 'state verified, promise I2',
    find: "'reply.lost': notBegun,",
    replace: "'reply.lost': { target: 'doingTheNeedful' },",
  },
  {
    name: 'the needful begins although nobody takes `started`',
    about: 'state verified, promise I1',
    find: "          'reply.undeliverable': { target: 'unanswered' },\n          'reply.refused': { target: 'unanswered' },",
    replace:
      "          'reply.undeliverable': { target: 'doingTheNeedful' },\n          'reply.refused': { target: 'unanswered' },",
  },
  {
    name: 'a lost delivery is answered before the needful, and comes again',
    about: 'state verified, settle path lost, promise I1',
    find: '          cancel: failing,\n          ...redelivered,',
    replace: '          cancel: failing,',
  },
  {
    name: '`started` is sent again when its confirm is unknown',
    about: 'state replyUnknown, promise I2',
    find: "'connection.opened': again,",
    replace:
      "'connection.opened': [again[0], again[1], { guard: 'isDoubtful', target: 'failed' }, { target: 'verified' }],",
  },
  {
    name: 'an invalid job is no dead letter',
    about: 'state invalid, promise I1',
    find: "on: { 'reply.confirmed': { target: 'deadLettering' }, ...awaitConfirm, ...redelivered },",
    replace: "on: { 'reply.confirmed': refused, ...awaitConfirm, ...redelivered },",
  },
  {
    name: 'a running step cannot be cancelled',
    about: 'state doingTheNeedful, promise I6',
    find: '          cancel: [...orLost, failing],\n',
    replace: '',
  },
  {
    name: 'the deadline of a step is not armed',
    about: 'state doingTheNeedful, promise I1',
    find: "        deadline: 'step',\n",
    replace: '',
  },
  {
    name: 'a step goes on and answers although its delivery is lost',
    about: 'state doingTheNeedful, settle path lost, promise I1',
    find: "...(finishes ? { 'delivery.lost': { actions: 'noteLoss' } } : whileUnsettled),",
    replace: "...(finishes ? { 'delivery.lost': { actions: 'noteLoss' } } : {}),",
  },
  {
    name: 'a step that may finish without its delivery answers all the same',
    about: 'state lost, settle path lost, promise I1',
    find: "const orLost = finishes ? ([{ guard: 'isLost', target: 'lost' }] as const) : [];",
    replace: 'const orLost = [] as const;',
  },
  {
    name: '`started` is told again with every attempt',
    about: 'state retrying, promise I2',
    find: "'deadline.passed': { target: 'doingTheNeedful', actions: 'countAttempt' },",
    replace: "'deadline.passed': { target: 'verified', actions: 'countAttempt' },",
  },
  {
    name: 'a step is tried again without counting',
    about: 'state retrying, promise I1',
    find: "'deadline.passed': { target: 'doingTheNeedful', actions: 'countAttempt' },",
    replace: "'deadline.passed': { target: 'doingTheNeedful' },",
  },
  {
    name: 'a job that waits for its next attempt cannot be cancelled',
    about: 'state retrying, promise I6',
    find: "actions: 'countAttempt' },\n          cancel: failing,",
    replace: "actions: 'countAttempt' },",
  },
  {
    name: '`started` is told after `completed`',
    about: 'state completed, promise I3',
    find: "entry: 'reportCompleted',",
    replace: "entry: ['reportCompleted', 'reportStarted'],",
  },
  {
    name: '`completed` waits for ever for its confirm',
    about: 'state completed, promise I1',
    find: "entry: 'reportCompleted',\n        deadline: 'reply',",
    replace: "entry: 'reportCompleted',",
  },
  {
    name: 'a job that failed is not acknowledged in the end',
    about: 'state failed, settle path settled, promise I1',
    find: "entry: 'reportFailed',\n        deadline: 'reply',\n        on: { ...confirmed,",
    replace:
      "entry: 'reportFailed',\n        deadline: 'reply',\n        on: { 'reply.confirmed': { target: 'listening' },",
  },
  {
    name: 'a final reply that may not be sent again is',
    about: 'state replyUnknown, promise I1',
    find: "...(unknownReply === 'giveUp' && {",
    replace: '...(unknownReply === undefined && {',
  },
  {
    name: 'a final reply that is to be sent again is not',
    about: 'state replyUnknown, promise I1',
    find: "'connection.opened': again,",
    replace: "'connection.opened': { target: 'unanswered' },",
  },
  {
    name: 'stop is ignored while it is unknown whether a reply arrived',
    about: 'state replyUnknown, promise I6',
    find: "'connection.opened': again,",
    replace: "'connection.opened': again,\n          stop: {},",
  },
  {
    name: 'the pause before a refused reply is sent again never ends',
    about: 'state replyRefused, promise I1',
    find: "        deadline: 'pause',\n",
    replace: '',
  },
  {
    name: 'a final reply is given up when it is refused for the first time',
    about: 'state replyRefused, promise I1',
    find: "    { guard: 'hasRepliesLeft', target: 'replyRefused', actions: 'countRefusal' },\n",
    replace: '',
  },
  {
    name: 'a job that nobody can be told about is no dead letter',
    about: 'state unanswered, promise I1',
    find: "always: { target: 'deadLettering' },",
    replace: 'always: refused,',
  },
  {
    name: 'a dead letter is sent after its delivery was rejected',
    about: 'state deadLettering, settle path settled, promise I1',
    find: "entry: 'deadLetter',",
    replace: "entry: late ? ['reject', 'deadLetter'] : 'deadLetter',",
  },
  {
    name: 'a dead letter that was lost on its way is not sent again',
    about: 'state deadLettering, promise I1',
    find: "          'connection.opened': { target: 'deadLettering', reenter: true },\n",
    replace: '',
  },
  {
    name: 'a delivery that is given up is not rejected',
    about: 'state rejected, settle path verified, promise I1',
    find: "entry: 'reject',",
    replace: 'entry: [],',
  },
  {
    name: 'a job that comes again is a dead letter too',
    about: 'state lost, settle path lost, promise I1',
    find: "entry: 'recordLost',\n        always: { target: 'listening' },",
    replace: "entry: 'recordLost',\n        always: { target: 'deadLettering' },",
  },
  {
    name: 'a lane that ends does not give its delivery back',
    about: 'state stopped, settle path settled, promise I6',
    find: "        entry: 'giveBack',\n",
    replace: '',
  },
];

const outcome: readonly Omit<Mutant, 'file'>[] = [
  {
    name: 'a step is tried once more than it may be',
    about: 'state retrying, promise I2',
    find: 'historyOf(context).retryCount + 1 < (context.parsed?.attemptLimit ?? 1)',
    replace: 'historyOf(context).retryCount + 1 <= (context.parsed?.attemptLimit ?? 1)',
  },
  {
    name: 'a failure that is final is tried again',
    about: 'state retrying, promise I2',
    find: 'event.final !== true && ',
    replace: '',
  },
  {
    name: 'a job that failed is told to be completed',
    about: 'state failed, promise I1',
    find: "return event.problem === undefined ? { status: 'failed', data: event.data }",
    replace: "return event.problem === undefined ? { status: 'completed', data: event.data }",
  },
];

export const flowMutants: readonly Mutant[] = [
  ...drawing.map((mutant) => ({ ...mutant, file: 'machines/job.ts' })),
  ...outcome.map((mutant) => ({ ...mutant, file: 'machines/job-outcome.ts' })),
];
