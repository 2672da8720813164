// The command as its users have it: the built one, in a process of its own. It is built once, when a source is newer than dist.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, rmdir, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = `${root}dist/src/cli/main.js`;
const lock = `${root}node_modules/.needful-build`;
/** A build takes a few seconds; a lock that is older is of somebody who was killed. */
const lockMs = 120_000;

/** For `beforeAll`. Files that run at the same time wait for one another. */
export async function build(): Promise<void> {
  while (
    !(await mkdir(lock).then(
      () => true,
      () => false,
    ))
  ) {
    const since = await stat(lock).catch(() => undefined);
    if (since !== undefined && Date.now() - since.mtimeMs > lockMs) await rmdir(lock).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const options = { cwd: root, maxBuffer: 1 << 26 };
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', '--if-stale'], options)
    // What does not compile is written all the same, and told by `npm run types`.
    .catch(() => undefined)
    .finally(() => rmdir(lock));
}

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of stdout. */
  readonly lines: readonly string[];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** No address from the environment of the tests: what a test does not give is not there. */
function environment(extra: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const { NEEDFUL_AMQP_URL, AMQP_URL, RABBITMQ_URL, ...rest } = process.env;
  return { ...rest, ...extra };
}

/** Runs the command to its end. */
export async function needful(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const running = start(args, options);
  const code = await running.exit;
  return {
    code,
    stdout: running.stdout(),
    stderr: running.stderr(),
    lines: running.stdout().split('\n').slice(0, -1),
  };
}

export interface Running {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  stdout(): string;
  stderr(): string;
  /** The first line of stdout that fits, also when it has come already. Rejects when the command ends without one. */
  line(pattern: RegExp): Promise<string>;
}

const running = new Set<ChildProcess>();

export function start(args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  const seen: string[] = [];
  const waiting = new Set<() => void>();
  const look = () => {
    for (const observer of waiting) observer();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    seen.push(line);
    look();
  });
  let ended = false;
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      ended = true;
      running.delete(child);
      look();
      resolve(code);
    });
  });
  return {
    child,
    exit,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const observer = () => {
          const line = seen.find((text) => pattern.test(text));
          if (line === undefined && !ended) return;
          waiting.delete(observer);
          if (line !== undefined) resolve(line);
          else reject(new Error(`no line like ${pattern}, but:\n${output.stdout}${output.stderr}`));
        };
        waiting.add(observer);
        observer();
      }),
  };
}

/** For `afterEach`: a test that failed must leave no command running. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export const file = (name: string) => fileURLToPath(new URL(`files/${name}`, import.meta.url));

export function json(line: string | undefined): Record<string, unknown> {
  const value: unknown = JSON.parse(line ?? 'null');
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new Error(`no JSON object: ${line}`);
}
