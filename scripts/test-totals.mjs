// Totals of a vitest run for .ci/run, from its JSON report and its exit code: `12 passed 1 failed 0 skipped`.
// A run that says nothing is not a run that passed: a file that cannot be loaded, a missing report and no test are failures.
import { readFileSync } from 'node:fs';

const [path = '', exitCode = '1'] = process.argv.slice(2);
console.log(totals(readReport(path), Number(exitCode)));

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function totals(report, exitCode) {
  if (report === undefined) return '0 passed 1 failed 0 skipped';
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
  let failed = report.numFailedTests + unloaded;
  // Errors outside of any test, as an unhandled rejection, are in the exit code alone.
  if (failed === 0 && (exitCode !== 0 || passed === 0)) failed = 1;
  return `${passed} passed ${failed} failed ${skipped} skipped`;
}
