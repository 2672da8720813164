// What `needful run` shows: the lanes' transitions and the worker's own, as lines for people or as JSON.
import type { TransitionRecord, WorkerStatus } from '../worker/running-worker.js';
import type { Terminal } from './terminal.js';
import { clean, count, hang, width } from './text.js';

export interface RunView {
  listening(worker: {
    readonly worker: string;
    readonly queue: string;
    readonly address: string;
    readonly concurrency: number;
  }): void;
  transition(transition: TransitionRecord): void;
  signal(signal: string, message: string): void;
  stopped(status: WorkerStatus, error: Error | undefined): void;
}

export function createRunView(terminal: Terminal, { json }: { readonly json: boolean }): RunView {
  return json ? jsonView(terminal) : lineView(terminal);
}

function jsonView(terminal: Terminal): RunView {
  const print = (type: string, fields: object) => terminal.out(JSON.stringify({ type, ...fields }));
  return {
    listening: ({ worker, queue, address, concurrency }) =>
      print('listening', { at: Date.now(), worker, queue, address, concurrency }),
    transition: (transition) => print('transition', transition),
    signal: (signal, message) => print('signal', { signal, message }),
    stopped: (status, error) =>
      print('stopped', { at: Date.now(), status, ...(error && { error: codeAndMessage(error) }) }),
  };
}

function lineView(terminal: Terminal): RunView {
  const { paint } = terminal;
  const out = (line: string) => terminal.out(terminal.isLive ? hang(line, terminal) : line);
  return {
    listening({ worker, queue, address, concurrency }) {
      out(`worker ${worker} listens on ${queue} at ${address} with ${count(concurrency, 'lane')}`);
      out('Ctrl-C drains it.');
    },
    transition({ at, lane, from, to, event, correlationId, step }) {
      const who = lane === null ? 'worker' : `lane ${lane}`;
      // XState's own events bear the path of the state they end: `done` says as much.
      const what = event.replace(/^xstate\.(\w+)\..*$/, '$1');
      // Both come from the bus.
      const about = clean([step, correlationId].filter((part) => part !== null).join(' '));
      const start = `${paint.dim(timeOfDay(at))} ${who}  ${from} -> ${colour(to)}`;
      const lines = [`${what} ${about}`.trim(), about, clean(step ?? '')].map((words) =>
        `${start}  ${paint.dim(words)}`.trimEnd(),
      );
      // On a narrow terminal the id, too, can be missed: the line that came before had it.
      const fitting = lines.find((line) => !terminal.isLive || width(line) <= terminal.columns);
      out(fitting ?? start);
    },
    signal: (signal, message) => out(`${signal}: ${message}`),
    stopped({ worker, counts }) {
      const { received, completed, failed, deadLettered, linesDropped, ...others } = counts;
      const { invalid, unanswered, retried, orphaned, returned, lost, redelivered } = others;
      const rest = Object.entries({
        invalid,
        unanswered,
        'dead-lettered': deadLettered,
        retried,
        orphaned,
        returned,
        lost,
        redelivered,
        [linesDropped === 1 ? 'output line dropped' : 'output lines dropped']: linesDropped,
      })
        .filter(([, number]) => number > 0)
        .map(([name, number]) => `, ${number} ${name}`)
        .join('');
      out(
        `worker ${worker} stopped: ${count(received, 'job')}, ${completed} completed, ${failed} failed${rest}`,
      );
    },
  };
  function colour(state: string): string {
    if (state === 'completed') return paint.green(state);
    return /^(failed|invalid|unanswered|lost|faulted)$/.test(state) ? paint.red(state) : state;
  }
}

function codeAndMessage(error: Error): { readonly code?: string; readonly message: string } {
  return { ...('code' in error ? { code: String(error.code) } : {}), message: error.message };
}

/** `13:05:01.123`, local. */
function timeOfDay(at: number): string {
  const time = new Date(at);
  const digits = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${digits.join(':')}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}
