import { defineConfig } from 'vitest/config';

const door = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^needful-worker$/, replacement: door('./src/index.ts') },
      { find: /^needful-worker\/(amqp|memory)$/, replacement: `${door('./adapters')}/$1/index.ts` },
      { find: /^needful-worker\/(contract|statechart)$/, replacement: `${door('./src')}/$1/index.ts` },
      { find: /^needful-worker\/machines$/, replacement: door('./machines/index.ts') },
      { find: /^needful-worker\/workers\/(.*)$/, replacement: `${door('./workers')}/$1.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', '**/node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
