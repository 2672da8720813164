// The one loop of the embedded broker. Whatever a caller asks for happens here, on a later turn of the event loop and
// in the order asked, as if it had come over a socket; so nothing calls back into a caller that is still on the stack.

/** Pieces of work before timers and sockets get their turn: a message that is requeued for ever must not stop the process. */
const workPerTurn = 1_000;

export class Turns {
  readonly #due: (() => void)[] = [];
  #running = false;
  #onIdle: (() => void)[] = [];

  later(work: () => void): void {
    this.#due.push(work);
    if (this.#running) return;
    this.#running = true;
    setImmediate(this.#run);
  }

  /** Resolves once nothing is due. */
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

/** Calls code that must not throw. If it does, the process is warned and the broker goes on. */
export function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    process.emitWarning(
      `Code that must not throw, called by the embedded broker, threw: ${text}`,
      'NeedfulWarning',
    );
  }
}
