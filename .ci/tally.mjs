// Adds up what vitest's JSON reports say and prints it as the last line: `N passed, N failed`.
// A suite that broke before its first test, and a run that left no report, count as one failure each.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  const report = readReport(path);
  passed += report?.numPassedTests ?? 0;
  failed += report === undefined ? 1 : failuresOf(report);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    console.error(`No report at ${path}: it broke before its first test.`);
    return undefined;
  }
}

function failuresOf({ numFailedTests, testResults, success }) {
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((one) => one.status !== 'failed'),
  ).length;
  const all = numFailedTests + broken;
  return all === 0 && !success ? 1 : all;
}
