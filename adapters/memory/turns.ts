// When the embedded broker does what it is asked for: always on a later turn, as if it had come over a socket, so nothing
// calls back into a caller that is still on the stack. In the order asked, unless a scheduler decides.
import { redact } from '../../src/contract/secrets.js';

/** Decides what an embedded broker does next, in place of the process's event loop. */
export interface Scheduler {
  /**
   * `work` can be done: to be called once, after `later` has returned, before or behind whatever else can be done. What
   * must stay in order is offered one after the other. `line` says whose work it is: `worker-1 up`, `queue worker.sleep`.
   */
  later(work: () => void, line: string): void;
}

export interface Turns {
  /** Somebody decides the order: what could go in another order is offered piece by piece. */
  readonly scheduled: boolean;
  later(work: () => void, line: string): void;
  /** Resolves once nothing is due. */
  idle(): Promise<void>;
}

/** Pieces of work before timers and sockets get their turn: a message that is requeued for ever must not stop the process. */
const workPerTurn = 1_000;

/** Everything in the order asked, on the event loop. */
export class LoopTurns implements Turns {
  readonly scheduled = false;
  readonly #due: (() => void)[] = [];
  #running = false;
  #onIdle: (() => void)[] = [];

  later(work: () => void): void {
    this.#due.push(work);
    if (this.#running) return;
    this.#running = true;
    setImmediate(this.#run);
  }

  idle(): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  readonly #run = (): void => {
    let done = 0;
    for (const work of this.#due) {
      if (done === workPerTurn) break;
      done += 1;
      attempt(work);
    }
    this.#due.splice(0, done);
    if (this.#due.length > 0) {
      setImmediate(this.#run);
      return;
    }
    this.#running = false;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  };
}

/** In whatever order the scheduler likes. */
export class ScheduledTurns implements Turns {
  readonly scheduled = true;
  readonly #scheduler: Scheduler;
  #dueCount = 0;
  #onIdle: (() => void)[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  later(work: () => void, line: string): void {
    this.#dueCount += 1;
    this.#scheduler.later(() => {
      this.#dueCount -= 1;
      attempt(work);
      if (this.#dueCount > 0) return;
      for (const resolve of this.#onIdle.splice(0)) resolve();
    }, line);
  }

  idle(): Promise<void> {
    if (this.#dueCount === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }
}

/** Calls code that must not throw. If it does, the process is warned and the broker goes on. */
export function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    process.emitWarning(
      redact(`Code that must not throw, called by the embedded broker, threw: ${text}`),
      'NeedfulWarning',
    );
  }
}
