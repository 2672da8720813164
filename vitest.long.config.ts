// What takes minutes: `npm run test:long`.
import { defineConfig } from 'vitest/config';
import standard, { long } from './vitest.config.js';

export default defineConfig({
  ...standard,
  test: { ...standard.test, include: long, exclude: ['**/node_modules/**'], testTimeout: 1_800_000 },
});
