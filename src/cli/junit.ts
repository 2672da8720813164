// Results as JUnit XML, in the part of it that CI systems agree on.
import { writeFile } from 'node:fs/promises';
import { NeedfulError } from '../contract/errors.js';

export interface JUnitCase {
  readonly name: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** Passed when there is none. */
  readonly failure?: { readonly type: string; readonly message: string };
  /** Why it was not run. */
  readonly skipped?: string;
  /** For people: what is no failure. */
  readonly output?: string;
}

export interface JUnitSuite {
  readonly name: string;
  readonly cases: readonly JUnitCase[];
}

/** A whole document. */
export function junitXml(suites: readonly JUnitSuite[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...suites.map(suiteXml),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteXml({ name, cases }: JUnitSuite): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((one) => one.skipped !== undefined).length;
  const time = seconds(cases.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const counts = { name, tests: cases.length, failures, errors: 0, skipped, time };
  return [
    `  <testsuite${attributes(counts)}>`,
    ...cases.map((one) => caseXml(one, name)),
    '  </testsuite>',
  ].join('\n');
}

function caseXml({ name, durationMs, failure, skipped, output }: JUnitCase, classname: string): string {
  const inside = [
    ...(failure === undefined ? [] : [`<failure${attributes(failure)}>${text(failure.message)}</failure>`]),
    ...(skipped === undefined ? [] : [`<skipped${attributes({ message: skipped })}/>`]),
    ...(output === undefined ? [] : [`<system-out>${text(output)}</system-out>`]),
  ];
  const start = `    <testcase${attributes({ name, classname, time: seconds(durationMs) })}`;
  if (inside.length === 0) return `${start}/>`;
  return [`${start}>`, ...inside.map((line) => `      ${line}`), '    </testcase>'].join('\n');
}

const seconds = (ms: number) => (ms / 1000).toFixed(3);

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([key, value]) =>
        ` ${key}="${text(String(value)).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`,
    )
    .join('');
}

/** What XML 1.0 does not know, not even escaped, becomes U+FFFD. */
function text(raw: string): string {
  return raw
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Rejects with USAGE where the file that `--junit` names cannot be written. */
export async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NeedfulError('USAGE', `--junit: the file cannot be written: ${why}`, { cause: error });
  }
}
