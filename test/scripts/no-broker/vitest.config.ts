// A run of its own for suites.ts, which find-broker.test.ts starts where no broker is allowed.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/scripts/no-broker/suites.ts'],
    globalSetup: ['test/global-setup.ts'],
    reporters: ['json'],
  },
});
