// What `needful send` shows of its job: lines with the time since it was sent, or JSON.
import type { FinalReply, OutputLine } from '../client/client.js';
import { errorKinds, type Issue, type Problem } from '../contract/errors.js';
import type { TransitionRecord } from '../worker/running-worker.js';
import type { Terminal } from './terminal.js';
import { clean, column, duration, hang, show } from './text.js';

export interface SendView {
  sent(job: { readonly step: string; readonly correlationId: string; readonly address: string }): void;
  readonly transition: (transition: TransitionRecord) => void;
  reply(reply: { readonly at: number; readonly status: string; readonly data?: unknown }): void;
  output(line: OutputLine): void;
  warning(at: number, message: string): void;
  readonly signal: (signal: string, message: string) => void;
  ended(reply: FinalReply): void;
}

/** Milliseconds since 1970, by the clock of the events. */
const now = () => performance.timeOrigin + performance.now();

export function createSendView(terminal: Terminal, { json }: { readonly json: boolean }): SendView {
  return json ? jsonView(terminal) : lineView(terminal);
}

function jsonView(terminal: Terminal): SendView {
  const print = (type: string, fields: object) => terminal.out(JSON.stringify({ type, ...fields }));
  let sentAt = now();
  return {
    sent(job) {
      sentAt = now();
      print('sent', { at: sentAt, ...job });
    },
    transition: (transition) => print('transition', transition),
    reply: ({ at, status, ...rest }) => print('reply', { at, status, ...dataOf(rest) }),
    output: ({ at, appId, message }) => print('output', { at, appId, message }),
    warning: (at, message) => print('warning', { at, message }),
    signal: (signal, message) => print('signal', { signal, message }),
    ended: (reply) =>
      print('ended', { at: now(), outcome: reply.status, durationMs: now() - sentAt, ...dataOf(reply) }),
  };
}

const dataOf = ({ data }: { readonly data?: unknown }) => (data === undefined ? {} : { data });

function lineView(terminal: Terminal): SendView {
  const { paint, out } = terminal;
  const inColumn = (text: string) =>
    terminal.isLive ? hang(text, { columns: terminal.columns, indent: 20 }) : text;
  const inside = (text: string) =>
    terminal.isLive ? hang(text, { columns: terminal.columns - 2, indent: 4 }) : text;
  let sentAt: number | undefined;
  let endedAt = now();
  let id = '';
  const line = (at: number, ...[kind, text]: [string, string]) =>
    out(
      `${paint.dim(`${duration(at - (sentAt ?? at)).padStart(9)}  ${column(kind, 7)}`)}  ${inColumn(text)}`,
    );
  return {
    sent({ step, correlationId, address }) {
      sentAt = now();
      id = correlationId;
      const said = `${step} sent to ${address}, correlation id ${correlationId}`;
      out(terminal.isLive ? hang(said, terminal) : said);
    },
    transition({ at, machine, to, worker, correlationId }) {
      // How the worker beside came to listen and how it stops is not what was asked for.
      if (machine === 'job' && correlationId === id) line(at, 'lane', `${to} ${paint.dim(`(${worker})`)}`);
    },
    reply({ at, status }) {
      endedAt = at;
      line(at, 'reply', coloured(status));
    },
    output: ({ at, message }) => line(at, 'output', show(message)),
    warning: (at, message) => line(at, 'warning', paint.yellow(clean(message))),
    signal: (signal, message) => out(`${signal}: ${message}`),
    ended(reply) {
      const took = duration(endedAt - (sentAt ?? endedAt));
      const problem = problemOf(reply.data);
      if (problem !== undefined) {
        out(`${coloured(reply.status)} in ${took}, ${problem.code}:`);
        for (const line of problem.lines) out(`  ${inside(line)}`);
        return;
      }
      out(`${coloured(reply.status)} in ${took}${reply.data === undefined ? ', no data' : ', data:'}`);
      if (reply.data !== undefined) out(readable(reply.data));
    },
  };
  function coloured(status: string): string {
    if (status === 'completed') return paint.green(status);
    return status === 'failed' ? paint.red(status) : status;
  }
}

/** What the library found wrong with the job, one defect a line; undefined: the data are the worker's own. */
function problemOf(data: unknown): { readonly code: string; readonly lines: readonly string[] } | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { code, message, issues } = data as Partial<Problem>;
  if (typeof code !== 'string' || !Object.hasOwn(errorKinds, code) || typeof message !== 'string') return;
  if (!Array.isArray(issues) || issues.length === 0) return { code, lines: [clean(message)] };
  return { code, lines: issues.map(lineOf) };
}

function lineOf(issue: unknown): string {
  const { path, message } = Object(issue) as Partial<Issue>;
  const where = Array.isArray(path) && path.length > 0 ? `${path.join('.')}: ` : '';
  return clean(`${where}${message}`);
}

/** A text as it is, line by line; anything else as JSON that a person can read. */
function readable(data: unknown): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data, null, 2);
  return text
    .split('\n')
    .map((part) => (/^\s*/.exec(part)?.[0] ?? '') + clean(part))
    .join('\n');
}
