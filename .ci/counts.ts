/** ci · counts: how many tests ran, from vitest's own report. */
import { existsSync, readFileSync } from 'node:fs';

interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** Names of tests this machine could not run. */
  readonly skipped: readonly string[];
}

const skips: ReadonlySet<string> = new Set(['skipped', 'pending', 'todo']);

/** A run without a report, without tests, or that failed without a failed test counts as a failure. */
export function countTests(path: string): TestCounts {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: [] };
  const report = JSON.parse(readFileSync(path, 'utf8')) as TestReport;
  const { numPassedTests: passed, numFailedTests: failed, success, testResults } = report;
  const broken = failed === 0 && (!success || passed === 0);
  const skipped = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => skips.has(status))
    .map(({ fullName }) => fullName);
  return { passed, failed: broken ? 1 : failed, skipped };
}
