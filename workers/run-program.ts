// Runs a program for a step: never through a shell, in a process group of its own that ends with the step, its lines
// handed on as they come.
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { redact } from 'needful-worker';

export interface Program {
  /** The program and its arguments; nothing in them is interpreted. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** Beyond PATH and LANG, which is all that it gets else. */
  readonly env?: Readonly<Record<string, string>>;
  /** Aborted: the whole group is ended. */
  readonly signal: AbortSignal;
  onLine(line: string, from: 'stdout' | 'stderr'): void;
}

/** How a program ended: its exit code, or the signal that ended it, or why it could not be started. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string;
}

/** Of one line, and of all lines together; what is beyond is read and dropped. */
const limits = { lineCharacters: 10_000, lines: 10_000 };
/** Read beyond the end of a line that is cut: a secret may lie across it. */
const marginCharacters = 2_000;
/** From SIGTERM to SIGKILL, and from the end of a program to that of streams which its children keep open. */
const graceMs = 1000;

export function runProgram({ argv, cwd, env, signal, onLine }: Program): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const [command, ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      shell: false,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LANG: 'C.UTF-8', ...env },
      ...(cwd !== undefined && { cwd }),
    });
    const timers: NodeJS.Timeout[] = [];
    const kill = (how: 'SIGTERM' | 'SIGKILL') => {
      try {
        // The group, not only its leader.
        if (child.pid !== undefined) process.kill(-child.pid, how);
      } catch {
        // It has ended already.
      }
    };
    const stop = () => {
      kill('SIGTERM');
      timers.push(setTimeout(kill, graceMs, 'SIGKILL'));
    };
    signal.addEventListener('abort', stop, { once: true });
    let lineCount = 0;
    const read = (stream: Readable, from: 'stdout' | 'stderr') => {
      eachLine(stream, (line) => {
        lineCount += 1;
        if (lineCount <= limits.lines) onLine(line, from);
        if (lineCount === limits.lines)
          onLine(`more than ${limits.lines} lines; the rest is dropped`, 'stderr');
      });
    };
    read(child.stdout, 'stdout');
    read(child.stderr, 'stderr');
    const end = (how: ProgramEnd) => {
      signal.removeEventListener('abort', stop);
      for (const timer of timers) clearTimeout(timer);
      if (signal.aborted) kill('SIGKILL');
      resolve(how);
    };
    child.on('error', (error: NodeJS.ErrnoException) => {
      end({ code: null, signal: null, error: error.code ?? error.name });
    });
    child.on('exit', () => {
      const closed = () => {
        child.stdout.destroy();
        child.stderr.destroy();
      };
      timers.push(setTimeout(closed, graceMs));
    });
    child.on('close', (code, by) => end({ code, signal: by }));
  });
}

function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let line = '';
  const add = (part: string) => {
    const room = limits.lineCharacters + marginCharacters;
    if (line.length < room) line = (line + part).slice(0, room);
  };
  const end = () => {
    onLine(redact(line.replace(/\r$/, '')).slice(0, limits.lineCharacters));
    line = '';
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const [first = '', ...more] = text.split('\n');
    add(first);
    for (const part of more) {
      end();
      add(part);
    }
  });
  stream.on('close', () => line !== '' && end());
}
