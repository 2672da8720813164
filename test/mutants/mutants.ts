// Bugs that somebody could have written: each a small change of the source, and the promise that it breaks. Simulation and
// generated tests must find every one of them.

export interface Mutant {
  /** What goes wrong, in a few words. */
  readonly name: string;
  /** Path of the file that is changed. */
  readonly file: string;
  /** What stands there, once. */
  readonly find: string;
  readonly replace: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'every reply is sent twice',
    file: 'src/worker/confirmed.ts',
    find: '      transport.publish(message, receipt);',
    replace: '      transport.publish(message, receipt);\n      transport.publish(message, receipt);',
  },
  {
    name: 'an invalid job goes back to the queue',
    file: 'src/worker/job-in-hand.ts',
    find: "      reject: (scope) => settle('reject', scope),",
    replace: "      reject: (scope) => void delivery(scope).settle('requeue'),",
  },
  {
    name: 'a reply whose confirm is unknown is taken for one that arrived',
    file: 'src/worker/confirmed.ts',
    find: "  lost: 'reply.lost',",
    replace: "  lost: 'reply.confirmed',",
  },
];
