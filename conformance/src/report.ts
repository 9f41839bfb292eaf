/** conformance · report: what was seen, as data, for people, and for continuous integration. */
import type { Result, Verdict } from './examine.ts';

export interface Report {
  readonly subject: string;
  /** Replays the run. */
  readonly seed: number;
  readonly results: readonly Result[];
}

const verdicts: readonly Verdict[] = ['PASS', 'WAIVED', 'N/A', 'FAIL'];

export const countOf = ({ results }: Report, verdict: Verdict): number =>
  results.filter((result) => result.verdict === verdict).length;

/** `acme: 61 PASS, 0 WAIVED, 4 N/A, 0 FAIL (seed 1)` */
export function summaryOf(report: Report): string {
  const counts = verdicts.map((verdict) => `${countOf(report, verdict)} ${verdict}`);
  return `${report.subject}: ${counts.join(', ')} (seed ${report.seed})`;
}

/** What was not simply passed, a line each: nothing is skipped silently. */
export function exceptionsOf({ results }: Report): readonly string[] {
  return results
    .filter(({ verdict }) => verdict !== 'PASS')
    .map(({ verdict, id, reason = '' }) => `${verdict} ${id}: ${reason.split('\n')[0]}`);
}

export function toJson(report: Report): string {
  const results = report.results.map(({ error: _error, ...result }) => result);
  return `${JSON.stringify({ ...report, results }, null, 2)}\n`;
}

const xmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
// XML 1.0 has no way to write most control characters.
const xml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML refuses
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?')
    .replaceAll(/[&<>"]/g, (character) => xmlEscapes[character] ?? '');

function caseOf(subject: string, result: Result): string {
  const { id, sentence, verdict, reason = '', durationMs } = result;
  const name = xml(`${id} ${sentence}`);
  const opening = `<testcase classname="${xml(subject)}" name="${name}" time="${durationMs / 1000}"`;
  if (verdict === 'PASS') return `${opening}/>`;
  const message = xml(`${verdict}: ${reason}`);
  if (verdict !== 'FAIL') return `${opening}><skipped message="${message}"/></testcase>`;
  const stack = result.error instanceof Error ? (result.error.stack ?? '') : reason;
  return `${opening}><failure message="${message}">${xml(stack)}</failure></testcase>`;
}

/** JUnit XML, as continuous-integration servers read it. */
export function toJunit(report: Report): string {
  const { subject, results } = report;
  const skipped = countOf(report, 'WAIVED') + countOf(report, 'N/A');
  const failures = countOf(report, 'FAIL');
  const counts = `tests="${results.length}" failures="${failures}" skipped="${skipped}"`;
  const cases = results.map((result) => `  ${caseOf(subject, result)}`);
  const suite = `<testsuite name="${xml(subject)}" ${counts}>`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', suite, ...cases, '</testsuite>', ''].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();

export function toMarkdown(report: Report): string {
  const rows = report.results.map(
    ({ id, verdict, sentence, reason = '' }) =>
      `| ${id} | ${verdict} | ${cell(sentence)} | ${cell(reason)} |`,
  );
  const head = ['| law | verdict | sentence | reason |', '| --- | --- | --- | --- |'];
  return [`# ${report.subject}`, '', summaryOf(report), '', ...head, ...rows, ''].join('\n');
}
