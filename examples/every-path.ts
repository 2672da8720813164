// A test for every path of a worker, made in one line; `node --test` and vitest run it alike.
import { test } from 'node:test';
import { testWorker } from 'needful-worker/testing';
import greeter from './greeter.js';

testWorker(greeter, { test, walks: 10 });
