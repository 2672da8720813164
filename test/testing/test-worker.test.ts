// The ready-made workers, each by the one line that a user would write.
import { test } from 'vitest';
import { testWorker } from '../../src/testing/index.js';
import noop from '../../workers/noop.js';
import sleep from '../../workers/sleep.js';

testWorker(noop, { test, walks: 5 });
testWorker(sleep, { test, faults: [], walks: 5 });
