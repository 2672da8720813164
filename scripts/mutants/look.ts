// Run by the hunt in a copy of the source that has a bug in it: argument 2 is how many seeds it may take to find it.
import { simulate } from '../../src/testing/simulator/simulate.js';

// What throws on purpose here needs no stack, and stacks are dear.
Error.stackTraceLimit = 0;

const { seedCount, failures } = await simulate({ seedCount: Number(process.argv[2]), failureLimit: 1 });
const [failure] = failures;
console.log(
  JSON.stringify({
    seedCount: failure === undefined ? null : seedCount,
    broken: failure?.result.broken[0] ?? null,
  }),
);
