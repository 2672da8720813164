import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { createDeadlines } from '../../src/worker/deadlines.js';

/** The simulated clock, counting the timers that are armed. */
function bench(slotCount: number) {
  const simulated = new SimulatedClock();
  const passed: string[] = [];
  let armedCount = 0;
  const clock = {
    now: () => simulated.now(),
    setTimeout: (fn: () => void, ms: number) => {
      armedCount += 1;
      return simulated.setTimeout(fn, ms);
    },
    clearTimeout: (id: unknown) => simulated.clearTimeout(id as never),
  };
  const deadlines = createDeadlines(clock, {
    slotCount,
    onPassed: (slot) => passed.push(`${slot} at ${simulated.now()}`),
  });
  return { deadlines, simulated, passed, armed: () => armedCount };
}

describe('deadlines', () => {
  it('pass at their time, each once, the earliest first', () => {
    const { deadlines, simulated, passed } = bench(3);
    deadlines.arm(0, 300);
    deadlines.arm(1, 100);
    deadlines.arm(2, 200);
    for (let ms = 0; ms < 1000; ms += 50) simulated.increment(50);
    expect(passed).toEqual(['1 at 100', '2 at 200', '0 at 300']);
  });

  it('are replaced by arming again: a lane that moved on meets no stale one', () => {
    const { deadlines, simulated, passed } = bench(1);
    deadlines.arm(0, 100);
    simulated.increment(99);
    deadlines.arm(0, 100);
    simulated.increment(99);
    expect(passed).toEqual([]);
    simulated.increment(1);
    expect(passed).toEqual(['0 at 199']);
  });

  it('are taken back by Infinity', () => {
    const { deadlines, simulated, passed } = bench(1);
    deadlines.arm(0, 100);
    deadlines.arm(0, Number.POSITIVE_INFINITY);
    simulated.increment(10_000);
    expect(passed).toEqual([]);
  });

  it('need one timer for any number of slots whose times follow each other', () => {
    const { deadlines, armed } = bench(100);
    for (let slot = 0; slot < 100; slot++) deadlines.arm(slot, 1000 + slot);
    expect(armed()).toBe(1);
  });

  it('may lie further away than Node can wait', () => {
    const { deadlines, simulated, passed } = bench(1);
    const month = 30 * 24 * 60 * 60 * 1000;
    deadlines.arm(0, month);
    simulated.increment(2 ** 31 - 1);
    expect(passed).toEqual([]);
    simulated.increment(month - (2 ** 31 - 1));
    expect(passed).toEqual([`0 at ${month}`]);
  });

  it('can be armed again from where they pass', () => {
    const simulated = new SimulatedClock();
    const at: number[] = [];
    const deadlines = createDeadlines(simulated as never, {
      slotCount: 1,
      onPassed: () => {
        at.push(simulated.now());
        if (at.length < 3) deadlines.arm(0, 10);
      },
    });
    deadlines.arm(0, 10);
    for (let n = 0; n < 5; n++) simulated.increment(10);
    expect(at).toEqual([10, 20, 30]);
  });

  it('are all taken back by stop', () => {
    const { deadlines, simulated, passed } = bench(2);
    deadlines.arm(0, 10);
    deadlines.arm(1, 20);
    deadlines.stop();
    simulated.increment(100);
    expect(passed).toEqual([]);
  });
});
