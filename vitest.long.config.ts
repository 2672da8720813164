// What takes minutes: `npm run test:long`.
import { defineConfig, mergeConfig } from 'vitest/config';
import standard from './vitest.config.js';

const long = mergeConfig(standard, defineConfig({ test: { testTimeout: 1_800_000 } }));

export default {
  ...long,
  test: { ...long.test, include: ['test/**/*.long.test.ts'], exclude: ['**/node_modules/**'] },
};
