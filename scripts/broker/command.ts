// Runs a program to its end within a time: output as text, failures as one readable error. For apt-get, docker and rabbitmqctl.
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds; afterwards the program is killed. Default 60,000. */
  readonly timeoutMs?: number;
  /** Kills the program as well. */
  readonly signal?: AbortSignal;
}

export interface Ended {
  /** null: killed, or not to be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never rejects: a program that cannot be started ends with code null and the reason on stderr. */
export function tryCommand(command: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const [program = '', ...args] = command;
  const timeoutMs = options.timeoutMs ?? 60_000;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => {
      stderr += `\nkilled after ${timeoutMs} ms`;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const end = (code: number | null) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    };
    child.on('error', (error) => {
      stderr += error.message;
      end(null);
    });
    child.on('close', end);
  });
}

/** Standard output of a program that ends with 0; otherwise an error with the last lines of what it said. */
export async function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(command, options);
  if (code === 0) return stdout;
  throw new Error(
    `${command.join(' ')} ended with ${code ?? 'no exit code'}:\n${lastLines(stdout + stderr)}`,
  );
}

export function lastLines(text: string, count = 20): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
