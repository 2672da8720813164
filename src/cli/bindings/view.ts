// How `needful bindings` shows what is wanted, or what was found: a table for people, or an object a line.
import type { Terminal } from '../terminal.js';
import { clean, column, hang, width, wrap } from '../text.js';
import type { Finding, State, Thing } from './finding.js';

export function showFindings(
  findings: readonly Finding[],
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): void {
  if (json) {
    for (const { thing, state, detail, checkedBy } of findings) {
      const about = {
        ...(state === undefined ? {} : { state }),
        // Only a check looks; that nobody could tell is part of it.
        ...(checkedBy.length > 0 || state === 'unknown' ? { checkedBy } : {}),
        ...(detail === '' ? {} : { detail }),
      };
      terminal.out(JSON.stringify({ type: thing.kind, ...membersOf(thing), ...about }));
    }
    return;
  }
  const rows = findings.map((finding) => ({ ...finding, ...cellsOf(finding.thing) }));
  const columns = Math.max(...rows.map(({ what }) => width(what)));
  const aboutColumns = Math.max(...rows.map(({ about }) => width(about)));
  for (const { thing, what, about, state, detail } of rows) {
    const mark = state === undefined ? '' : `  ${colour(state, terminal)}`;
    const padded = state === undefined ? about : column(about, aboutColumns);
    const kind = column(thing.kind, 8);
    const rows = [
      `${kind}  ${column(what, columns)}  ${padded}${mark}`.trimEnd(),
      `${kind}  ${what}  ${about}${mark}`,
    ];
    const fitting = rows.find((row) => !terminal.isLive || width(row) <= terminal.columns);
    terminal.out(fitting ?? `${kind}  ${what}\n${' '.repeat(10)}${about}${mark}`);
    if (detail === '') continue;
    const said = clean(detail);
    terminal.out(`  ${terminal.isLive ? hang(said, { columns: terminal.columns, indent: 2 }) : said}`);
  }
}

/** One a line; on a terminal broken as a shell takes it, so that it can be copied. */
export function showCommands(commands: readonly (readonly string[])[], terminal: Terminal): void {
  for (const words of commands) {
    const lines = terminal.isLive ? wrap(words, terminal.columns - 4) : [words.join(' ')];
    terminal.out(lines.join(' \\\n  '));
  }
}

/** Through what it was compared: one sentence for all. */
export function showMeans(findings: readonly Finding[], terminal: Terminal): void {
  const means = (kinds: readonly Thing['kind'][]) => {
    const looked = findings.find(({ thing }) => kinds.includes(thing.kind))?.checkedBy ?? [];
    return looked.map((by) => (by === 'amqp' ? 'over AMQP' : 'through the management API')).join(' and ');
  };
  const [things, bindings] = [means(['exchange', 'queue']), means(['binding'])];
  const said =
    bindings === ''
      ? `Compared ${things}, which cannot list bindings; --management URL asks the management API.`
      : things === bindings
        ? `Compared ${things}.`
        : `Compared ${things}; bindings ${bindings}, since AMQP cannot list them.`;
  terminal.out(terminal.isLive ? hang(said, terminal) : said);
}

function membersOf(thing: Thing): object {
  if (thing.kind !== 'exchange') return thing.spec;
  const { name, type: exchangeType, durable } = thing.spec;
  return { name, exchangeType, durable };
}

function cellsOf(thing: Thing): { readonly what: string; readonly about: string } {
  if (thing.kind === 'binding') {
    const { exchange, queue, routingKey } = thing.spec;
    return { what: clean(`${exchange} -> ${queue}`), about: clean(`key ${routingKey}`) };
  }
  const kind = thing.kind === 'exchange' ? `${thing.spec.type}, ` : '';
  return { what: clean(thing.spec.name), about: `${kind}${thing.spec.durable ? 'durable' : 'transient'}` };
}

function colour(state: State, { paint }: Terminal): string {
  if (state === 'there' || state === 'declared') return paint.green(state);
  return state === 'unknown' ? paint.yellow(state) : paint.red(state);
}
