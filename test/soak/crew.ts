// One place of a soak's crew: a worker process behind a cable of its own, and another one after each that ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Proxy as Cable } from '../adapters/amqp/peer.js';
import type { Policy } from './kinds.js';
import type { Measure, Order } from './worker.js';

/** A worker process that has ended, or not yet. */
export interface Run {
  readonly policy: Policy;
  readonly name: string;
  /** Path of its record. */
  readonly record: string;
  /** `killed`: by us. A number: its exit code, -1 for a signal; null: it runs. */
  end: 'killed' | number | null;
}

export interface Place {
  readonly policy: Policy;
  readonly connection: string;
  readonly cable: Cable;
  /** Of the broker, through the cable. */
  readonly url: string;
  readonly lanes: number;
  readonly folder: string;
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export class Member {
  readonly place: Place;
  readonly runs: Run[] = [];
  state: 'starting' | 'up' | 'leaving' | 'suspended' = 'starting';
  #child: ChildProcess;
  #stays = true;

  constructor(place: Place) {
    this.place = place;
    this.#child = this.#start();
  }

  /** Resolves when it is gone; the next one is started then. */
  async kill(): Promise<void> {
    const run = this.runs.at(-1);
    if (run) run.end = 'killed';
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** SIGTERM; resolves when it is gone. */
  async drain(): Promise<void> {
    this.state = 'leaving';
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }

  suspend(): void {
    this.state = 'suspended';
    this.#child.kill('SIGSTOP');
  }

  /** Nothing where it was killed meanwhile. */
  resume(): void {
    if (this.state !== 'suspended') return;
    this.state = 'up';
    this.#child.kill('SIGCONT');
  }

  measure(): Promise<Measure> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const end = () => reject(new Error(`${this.place.connection} ended while it was measured`));
      child.once('exit', end);
      const hear = (message: unknown) => {
        if (message === 'listens') return;
        child.off('message', hear);
        child.off('exit', end);
        resolve(message as Measure);
      };
      child.on('message', hear);
      child.send('measure');
    });
  }

  /** Nobody comes after it. */
  async leave(): Promise<void> {
    this.#stays = false;
    await this.drain();
  }

  #start(): ChildProcess {
    const { policy, connection, url, lanes, folder } = this.place;
    const name = `${connection}-${this.runs.length + 1}`;
    const run: Run = { policy, name, record: join(folder, `${name}.record`), end: null };
    this.runs.push(run);
    const order: Order = { policy, name, connection, url, lanes, record: run.record };
    closeSync(openSync(run.record, 'a'));
    const log = openSync(join(folder, 'workers.log'), 'a');
    const child = spawn(
      process.execPath,
      [file('../../node_modules/jiti/lib/jiti-cli.mjs'), file('worker.ts'), JSON.stringify(order)],
      { stdio: ['ignore', log, log, 'ipc'] },
    );
    closeSync(log);
    child.on('message', (message) => {
      if (message === 'listens' && this.state === 'starting') this.state = 'up';
    });
    child.once('exit', (code) => {
      run.end ??= code ?? -1;
      this.state = 'starting';
      if (this.#stays) this.#child = this.#start();
    });
    return child;
  }
}
