// The yard, seen from the process that keeps the books: one question at a time, and every strike as it falls.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Ask, YardOptions } from './yard.js';

type AnswerOf<T extends Answer['type']> = Extract<Answer, { type: T }>;

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export class YardLink {
  readonly #child: ChildProcess;
  #waiting: { readonly type: string; readonly resolve: (answer: Answer) => void } | undefined;
  #fail: (error: Error) => void = () => {};
  /** Rejects when the yard broke. */
  readonly failed: Promise<never>;

  private constructor(onStrike: (line: string) => void) {
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => {});
    const jiti = file('../../node_modules/jiti/lib/jiti-cli.mjs');
    this.#child = spawn(process.execPath, [jiti, file('yard.ts')], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => {
      const answer = message as Answer;
      if (answer.type === 'struck') onStrike(answer.line);
      else if (answer.type === 'broken') this.#fail(new Error(`the yard broke: ${answer.message}`));
      else if (answer.type === this.#waiting?.type) this.#waiting.resolve(answer);
    });
    this.#child.once('exit', (code) => this.#fail(new Error(`the yard ended with ${code}`)));
  }

  static async begin(
    options: YardOptions,
    onStrike: (line: string) => void,
  ): Promise<{ yard: YardLink; url: string }> {
    const yard = new YardLink(onStrike);
    const { policies, workers, lanes, seed, folder } = options;
    const { url } = await yard.ask({ begin: { policies, workers, lanes, seed, folder } }, 'begun');
    return { yard, url };
  }

  rage(): void {
    this.#child.send('rage' satisfies Ask);
  }

  ask<T extends Answer['type']>(ask: Ask, type: T): Promise<AnswerOf<T>> {
    const answered = new Promise<AnswerOf<T>>((resolve) => {
      this.#waiting = { type, resolve: (answer) => resolve(answer as AnswerOf<T>) };
    });
    this.#child.send(ask);
    return Promise.race([answered, this.failed]);
  }

  /** Resolves when nothing of it is left. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await gone;
  }
}
