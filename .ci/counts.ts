/** ci · counts: how many tests ran, from vitest's own report. */
import { existsSync, readFileSync } from 'node:fs';

interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly success: boolean;
}

/** A run without a report, without tests, or that failed without a failed test counts as a failure. */
export function countTests(path: string): { passed: number; failed: number } {
  if (!existsSync(path)) return { passed: 0, failed: 1 };
  const report = JSON.parse(readFileSync(path, 'utf8')) as TestReport;
  const { numPassedTests: passed, numFailedTests: failed, success } = report;
  const broken = failed === 0 && (!success || passed === 0);
  return { passed, failed: broken ? 1 : failed };
}
