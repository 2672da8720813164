// What a worker keeps of inputs by the ten thousand: nothing.
import { expect, it } from 'vitest';
import { keptBytes } from './kept.js';

it('nothing is kept of 10,000 inputs', async () => {
  const bytes = await keptBytes({ warmUp: 2000, inputs: 10_000 });
  console.log(`${(bytes / 2 ** 20).toFixed(2)} MB more in use after 10,000 inputs`);
  expect(bytes).toBeLessThan(3 * 2 ** 20);
});
