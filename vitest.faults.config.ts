// What harms brokers, connections and processes on purpose, and bad input: `npm run test:faults`.
import { defineConfig } from 'vitest/config';
import standard, { faults, long } from './vitest.config.js';

export default defineConfig({
  ...standard,
  test: { ...standard.test, include: faults, exclude: ['**/node_modules/**', ...long] },
});
