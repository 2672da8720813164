// Where a command writes: lines on stdout, complaints on stderr, and what is known of the terminal behind them. The one
// place of the command line that touches the process's streams; the secrets that the process knows do not get past it.
import type { WriteStream } from 'node:tty';
import { redactText } from '../contract/redact-json.js';
import { redact } from '../contract/secrets.js';
import { hang } from './text.js';

export interface Terminal {
  /** One line on stdout; a line break is added. */
  out(line: string): void;
  /** Text on stdout as it is, for views that move the cursor. */
  raw(text: string): void;
  /** One line on stderr; on a terminal it is broken between words. */
  err(line: string): void;
  /** A person sees stdout, on a terminal whose cursor can be moved. */
  readonly isLive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Text in a colour where that is welcome: on a terminal, without NO_COLOR. */
  readonly paint: Paint;
  onResize(observer: () => void): () => void;
  /** Called once when nobody reads stdout any more; what is written afterwards is dropped. */
  onBroken(observer: () => void): void;
  /** Resolves when everything written was handed to the system. */
  flush(): Promise<void>;
}

export type Paint = Readonly<Record<'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold', Brush>>;
type Brush = (text: string) => string;

export function createTerminal(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  const isLive = stdout.isTTY === true && env.TERM !== 'dumb';
  const brokenObservers: (() => void)[] = [];
  let broken = false;
  stdout.on('error', () => {
    if (broken) return;
    broken = true;
    for (const observer of brokenObservers) observer();
  });
  // Nobody hears complaints any more: that must not end the command.
  stderr.on('error', () => undefined);
  const write = (text: string) => {
    if (!broken) stdout.write(text);
  };
  return {
    out: (line) => write(`${redactText(line)}\n`),
    raw: (text) => write(redact(text)),
    err: (given) => {
      const line = redact(given);
      stderr.write(`${stderr.isTTY ? hang(line, { columns: stderr.columns || 80 }) : line}\n`);
    },
    isLive,
    get columns() {
      return stdout.columns || 80;
    },
    get rows() {
      return stdout.rows || 24;
    },
    paint: isLive && !env.NO_COLOR ? colours : plain,
    onResize(observer) {
      (stdout as WriteStream).on('resize', observer);
      return () => (stdout as WriteStream).off('resize', observer);
    },
    onBroken(observer) {
      if (broken) observer();
      else brokenObservers.push(observer);
    },
    async flush() {
      await Promise.all([broken ? undefined : drained(stdout), drained(stderr)]);
    },
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
    stream.once('error', () => resolve());
  });
}

const brush =
  (code: number, end = 39): Brush =>
  (text) =>
    `\x1b[${code}m${text}\x1b[${end}m`;
const colours: Paint = {
  red: brush(31),
  green: brush(32),
  yellow: brush(33),
  cyan: brush(36),
  dim: brush(2, 22),
  bold: brush(1, 22),
};
const asItIs: Brush = (text) => text;
const plain: Paint = { red: asItIs, green: asItIs, yellow: asItIs, cyan: asItIs, dim: asItIs, bold: asItIs };
