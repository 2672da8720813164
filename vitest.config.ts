import { defineConfig } from 'vitest/config';

const door = (path: string) => new URL(path, import.meta.url).pathname;

// Where .ci/run wants the totals, as JSON, beside what is printed.
const report = process.env.NEEDFUL_TEST_REPORT;

/** What harms brokers, connections and processes on purpose, and bad input: vitest.faults.config.ts runs it. */
export const faults = [
  'test/bad-input/**/*.test.ts',
  'test/faults/**/*.test.ts',
  'test/reliability/**/*.test.ts',
  'test/scripts/broker.test.ts',
  'test/cli/{faults-of-starting,permissions,secrets,signals,signals-in-alarm}.test.ts',
];

/** What takes minutes: vitest.long.config.ts runs it. */
export const long = ['**/*.long.test.ts'];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^needful-worker$/, replacement: door('./src/index.ts') },
      { find: /^needful-worker\/(amqp|memory)$/, replacement: `${door('./adapters')}/$1/index.ts` },
      {
        find: /^needful-worker\/(contract|inspector|release|statechart|testing)$/,
        replacement: `${door('./src')}/$1/index.ts`,
      },
      { find: /^needful-worker\/machines$/, replacement: door('./machines/index.ts') },
      { find: /^needful-worker\/workers\/(.*)$/, replacement: `${door('./workers')}/$1.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...faults, ...long],
    // A bound for what hangs, not a measure: on a busy machine a broker takes its time.
    testTimeout: 60_000,
    // Where nobody watches, a real broker and real processes get a second chance; here a flake is to be seen.
    retry: process.env.CI ? 1 : 0,
    hookTimeout: 180_000,
    maxWorkers: 2,
    globalSetup: ['test/global-setup.ts'],
    // The files would meet in the one virtual host of that URL; on a private node each has its own.
    fileParallelism: !process.env.AMQP_URL,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
