// Notices that the event loop stood still: a step that computes without a pause, or a process that was suspended. No
// heartbeat is sent meanwhile, and the broker gives the worker up. By real time: it is the real loop that stands still.

/** Looks so many times within the limit. */
const looks = 5;

/** `onStall` is told how long it stood still, at least `limitMs`, at most a fifth of that too long. Returns the function that ends it. */
export function watchLoop({
  limitMs,
  onStall,
}: {
  readonly limitMs: number;
  readonly onStall: (stalledMs: number) => void;
}): () => void {
  let last = performance.now();
  const timer = setInterval(() => {
    const stalledMs = performance.now() - last;
    last += stalledMs;
    if (stalledMs >= limitMs) onStall(Math.round(stalledMs));
  }, limitMs / looks);
  // It keeps no process alive.
  timer.unref();
  return () => clearInterval(timer);
}
