// The states that every step of the BIG-IP worker has: it logs in first, and however it goes on, it ends by logging out.
// What they do is in visit.ts; a step puts its own between them.
import * as visit from './visit.js';

/** Of a state that asks a BIG-IP something. */
export const asking = { deadlineMs: visit.requestMs, failed: { target: 'troubled' } } as const;

/** Where a look leads. */
export const afterLook = [
  { guard: 'isReached', target: 'loggingOut' },
  { guard: 'mayLookAgain', target: 'waiting' },
  { target: 'givingUp' },
] as const;

export const arriving = <N extends string>(next: N) => ({
  loggingIn: {
    description: 'Each BIG-IP gives a token, unless there is one that still works.',
    ...asking,
    run: visit.logIn,
    done: { target: next },
  },
});

export const leaving = ({ retryMs }: visit.Plan) =>
  ({
    troubled: {
      description: 'Something went wrong. Does it pass?',
      run: visit.countTrouble,
      done: [
        { guard: 'isExpired', target: 'loggingIn' },
        { guard: 'passes', target: 'recovering' },
        { target: 'givingUp' },
      ],
    },
    recovering: {
      description: 'Busy, restarting or not reached. Then all again: nothing here does harm when done twice.',
      waitMs: retryMs,
      done: { target: 'loggingIn' },
    },
    loggingOut: {
      description: 'The tokens are given back.',
      run: visit.leave,
      done: { target: 'reached' },
    },
    givingUp: {
      description: 'The tokens are given back here, too.',
      run: visit.giveUp,
      done: { target: 'refused' },
    },
    reached: { completed: () => undefined },
    refused: { refused: visit.reason },
  }) as const;
