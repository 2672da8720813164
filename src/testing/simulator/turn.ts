// Between two steps everything that was promised has settled: code that awaits has gone as far as it can. That is a turn
// of the event loop in a real process; a tick of Node's comes to the same and costs a tenth.

const settled = Promise.resolve();

/** Calls `step` until it returns false. */
export function settling(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const tick = () => {
      try {
        if (!step()) return resolve();
      } catch (error) {
        return reject(error);
      }
      // Ticks come when no microtask is left, but those that a tick asks for come before any microtask: so one asks.
      void settled.then(next);
    };
    const next = () => process.nextTick(tick);
    next();
  });
}
