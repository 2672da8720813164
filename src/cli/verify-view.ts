// How a judgement is shown: for people line by line, as JSON (the contract is in the head of verify-bus.ts), as JUnit XML.
import type { Check, Finding, Judgement } from '../testing/judge/index.js';
import { type JUnitCase, junitXml } from './junit.js';
import type { Terminal } from './terminal.js';
import { clean, column, count, duration, hang } from './text.js';

export interface VerifyView {
  check(check: Check): void;
  verdict(judgement: Judgement, durationMs: number): void;
}

export interface VerifyAbout {
  readonly json: boolean;
  readonly queue: string;
  readonly step: string;
  readonly address: string;
}

const outcomeColumns = 8;
const nameColumns = 18;

export function createVerifyView(terminal: Terminal, about: VerifyAbout): VerifyView {
  const { json, queue, step, address } = about;
  const print = (line: object) => terminal.out(JSON.stringify(line));
  if (json) {
    return {
      check: (check) => print({ type: 'check', ...check }),
      verdict: (judgement, durationMs) => {
        const { outcome, jobCount, replyCount } = judgement;
        const counts = { jobCount, replyCount, durationMs: Math.round(durationMs) };
        print({ type: 'verdict', queue, step, address, outcome, codes: codesOf(judgement), ...counts });
      },
    };
  }
  const told = new Set<string>();
  terminal.out(`judging ${queue} at ${address} by the step ${clean(step)}`);
  return {
    check: (check) => showCheck(check, { terminal, told }),
    verdict: (judgement, durationMs) => showVerdict(judgement, { terminal, durationMs }),
  };
}

const indent = ' '.repeat(outcomeColumns + 2);

/** A code that was told before is only named. */
function showCheck(
  { name, title, outcome, findings }: Check,
  { terminal, told }: { readonly terminal: Terminal; readonly told: Set<string> },
): void {
  const { paint } = terminal;
  const colour = { passed: paint.green, broken: paint.red, unjudged: paint.yellow };
  const start = `${colour[outcome](column(outcome, outcomeColumns))}  ${column(clean(name), nameColumns)}`;
  terminal.out(`${start}  ${clean(title)}`);
  for (const finding of findings) if (!told.has(finding.code)) showFinding(finding, terminal);
  const again = findings.map(({ code }) => code).filter((code) => told.has(code));
  if (again.length > 0) showLine(`again: ${again.join(', ')}`, terminal);
  for (const { code } of findings) told.add(code);
}

function showFinding({ code, severity, sentence }: Finding, terminal: Terminal): void {
  const { paint } = terminal;
  const colour = { broken: paint.red, departs: paint.yellow, info: paint.dim };
  showLine(`${colour[severity](code)} (${severity}): ${clean(sentence)}`, terminal);
}

function showLine(line: string, terminal: Terminal): void {
  const { isLive, columns } = terminal;
  terminal.out(indent + (isLive ? hang(line, { columns, indent: indent.length }) : line));
}

function showVerdict(
  judgement: Judgement,
  { terminal, durationMs }: { readonly terminal: Terminal; readonly durationMs: number },
): void {
  const { checks, jobCount, replyCount, outcome } = judgement;
  const numbers = (['passed', 'broken', 'unjudged'] as const)
    .map((wanted) => [checks.filter((check) => check.outcome === wanted).length, wanted] as const)
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
  const traffic = `${count(jobCount, 'message')} sent, ${replyCount} replies heard`;
  const said = `${numbers}; ${traffic} in ${duration(durationMs)}`;
  terminal.out(outcome === 'passed' ? terminal.paint.green(said) : terminal.paint.red(said));
}

/** Each once, in the order of discovery. */
function codesOf({ checks }: Judgement): readonly string[] {
  return [...new Set(checks.flatMap(({ findings }) => findings.map(({ code }) => code)))];
}

export function checksAsJUnit({ checks }: Judgement, suite: string): string {
  return junitXml([{ name: suite, cases: checks.map(caseOf) }]);
}

function caseOf({ name, title, outcome, findings, durationMs }: Check): JUnitCase {
  const lines = (wanted: (finding: Finding) => boolean) =>
    findings
      .filter(wanted)
      .map(({ code, sentence }) => `${code}: ${clean(sentence)}`)
      .join('\n');
  const broken = findings.filter(({ severity }) => severity === 'broken');
  const output = lines(({ severity }) => severity !== 'broken');
  return {
    name: `${clean(name)}: ${clean(title)}`,
    durationMs,
    ...(broken.length === 0
      ? {}
      : {
          failure: {
            type: broken.map(({ code }) => code).join(' '),
            message: lines(({ severity }) => severity === 'broken'),
          },
        }),
    ...(outcome === 'unjudged' ? { skipped: 'the worker was no longer there' } : {}),
    ...(output === '' ? {} : { output }),
  };
}
