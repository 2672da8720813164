// What a simulation prints: figures, costs by class, the table of faults and states, and for a seed that failed how to see
// it again.
import { doneFaults, type FaultKind, type Plan } from './plan.js';
import { faultKinds, reasonOf } from './reasons.js';
import type { RunResult } from './run.js';
import type { FaultTable, Summary } from './simulate.js';
import { toDiagram, toText } from './trace.js';
import type { Costs } from './verdict.js';

const costNames: Readonly<Record<keyof Costs, string>> = {
  lostByCrash: 'lost: the worker crashed after an early ack',
  lostByStop: 'lost: the worker was stopped while no broker could be reached',
  givenUp: 'lost perhaps: the confirm is unknown, and the policy does not send again',
  refused: 'unanswered: the broker refused the reply',
  cancelled: 'unanswered: cancelled while it was unknown whether the reply had arrived',
  droppedByBroker: 'dropped: transient, in a broker that went down',
  resent: 'doubled: the final reply came again after an unknown confirm, with its message id',
  repeated: 'doubled: the ack was not read before a crash or a loss, and the job was given again',
};

export interface EmptyCell {
  readonly kind: FaultKind;
  readonly state: string;
  /** null: there should have been one. */
  readonly reason: string | null;
}

/** Kinds of faults that never hit a lane in some state. */
export function emptyCells(faults: FaultTable, states: readonly string[]): readonly EmptyCell[] {
  return faultKinds.flatMap((kind) =>
    states
      .filter((state) => (faults.get(kind)?.get(state) ?? 0) === 0)
      .map((state) => ({ kind, state, reason: reasonOf(kind, state) })),
  );
}

export function summaryText(summary: Summary, states: readonly string[]): string {
  const { firstSeed, seedCount, jobCount, stepCount, ms, costs, faults, failures, idle } = summary;
  const perSecond = Math.round((seedCount / ms) * 1_000);
  const empty = emptyCells(faults, states);
  const met = states.filter((state) => faultKinds.some((kind) => (faults.get(kind)?.get(state) ?? 0) > 0));
  const lines = [
    `${seedCount} seeds from ${firstSeed} on, ${jobCount} jobs, ${stepCount} steps in ${(ms / 1_000).toFixed(1)} s: ${perSecond} seeds a second`,
    `${failures.length} seeds in which a promise was broken${idle.length > 0 ? `, ${idle.length} without a fault` : ''}`,
    '',
    'Counted, by class:',
    ...Object.entries(costNames).map(
      ([key, name]) => `${String(costs[key as keyof Costs]).padStart(9)}  ${name}`,
    ),
    '',
    'Faults, by the state of the lanes they hit:',
    ...table(faults, met),
    '',
    'None, and why:',
    ...reasonLines(empty, seedCount),
  ];
  return lines.join('\n');
}

function table(faults: FaultTable, states: readonly string[]): readonly string[] {
  const cells = (kind: FaultKind) => states.map((state) => String(faults.get(kind)?.get(state) ?? 0));
  const rows = [['', ...states], ...faultKinds.map((kind) => [kind, ...cells(kind)])];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
}

/** Seeds from which on every fault is to have met every state it can meet. */
export const fullTableFrom = 2_000;

/** For each reason: which kinds of faults, in which states. */
function reasonLines(empty: readonly EmptyCell[], seedCount: number): readonly string[] {
  const isFew = seedCount < fullTableFrom;
  const told = empty.filter(({ reason }) => reason !== null || !isFew);
  const kindsOf = new Map<string, FaultKind[]>();
  for (const { kind, state, reason } of told) {
    const key = JSON.stringify([reason ?? 'NOT MET: no reason is known', state]);
    kindsOf.set(key, [...(kindsOf.get(key) ?? []), kind]);
  }
  const statesOf = new Map<string, string[]>();
  for (const [key, kinds] of kindsOf) {
    const [reason, state] = JSON.parse(key) as [string, string];
    const line = `${reason}: ${wordsFor(kinds)}`;
    statesOf.set(line, [...(statesOf.get(line) ?? []), state]);
  }
  const lines = [...statesOf].map(([line, states]) => `  ${line} in ${states.join(', ')}`);
  const few = `  so few seeds do not meet everything: ${empty.length - told.length} more`;
  return empty.length > told.length ? [...lines, few] : lines;
}

function wordsFor(kinds: readonly FaultKind[]): string {
  if (kinds.length === faultKinds.length) return 'every fault';
  const isWhole = doneFaults.every((kind) => kinds.includes(kind));
  return isWhole ? 'every fault but those of steps' : kinds.join(', ');
}

/** How a seed failed, how to see it again, and the smallest plan that fails like it. */
export function failureText(
  plan: Plan,
  found: { readonly broken: readonly string[]; readonly smallest: Plan; readonly result: RunResult },
): string {
  const { broken, smallest, result } = found;
  return [
    `Seed ${plan.seed} (policy ${plan.policy}) broke a promise:`,
    ...broken.map((sentence) => `  ${sentence}`),
    `again:    npm run simulate -- --seeds 1 --seed ${plan.seed} --policy ${plan.policy}`,
    `smallest: npm run simulate -- --replay '${JSON.stringify(smallest)}'`,
    ...result.broken.map((sentence) => `  ${sentence}`),
    '',
    ...result.trace.map(toText),
    '',
    '```mermaid',
    toDiagram(result.trace),
    '```',
  ].join('\n');
}

export function summaryJson(summary: Summary, states: readonly string[]): object {
  const { faults, failures, ...rest } = summary;
  const cells = [...faults].map(([kind, row]) => [kind, Object.fromEntries(row)]);
  return {
    ...rest,
    perSecond: Math.round((summary.seedCount / summary.ms) * 1_000),
    faults: Object.fromEntries(cells),
    empty: emptyCells(faults, states),
    failures: failures.map(({ plan, result }) => ({
      seed: plan.seed,
      policy: plan.policy,
      broken: result.broken,
    })),
  };
}
