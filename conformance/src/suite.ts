/** conformance · suite: the laws as tests of any runner that has `describe` and `it`. */
import { writeFile } from 'node:fs/promises';
import { createExamination, type ExamineOptions, type Result } from './examine.ts';
import type { Law } from './law.ts';
import { laws } from './laws.ts';
import { exceptionsOf, type Report, summaryOf, toJson, toJunit, toMarkdown } from './report.ts';
import type { Site, Subject } from './subject.ts';

/** What the suite needs of a test runner: vitest's and node:test's functions both fit. */
export interface Runner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

export interface ConformOptions extends ExamineOptions {
  /** Files to write the report to, by format. */
  readonly output?: {
    readonly json?: string;
    readonly junit?: string;
    readonly markdown?: string;
  };
  /** Prints the summary and what was not simply passed. Default: standard output. */
  readonly print?: (text: string) => void;
}

async function write(report: Report, { output = {}, print }: ConformOptions): Promise<void> {
  if (output.json !== undefined) await writeFile(output.json, toJson(report));
  if (output.junit !== undefined) await writeFile(output.junit, toJunit(report));
  if (output.markdown !== undefined) await writeFile(output.markdown, toMarkdown(report));
  const text = `${[summaryOf(report), ...exceptionsOf(report)].join('\n')}\n`;
  if (print === undefined) process.stdout.write(text);
  else print(text);
}

/** A failure as the runner shows it: the law, what happened, and what replays it. */
function failureOf(result: Result, law: Law, seed: number): Error {
  const replay = `Replay with seed ${seed}.`;
  const message = `${law.id} ${law.sentence}\n${result.reason}\nWhy it matters: ${law.why}\n${replay}`;
  return new Error(message, { cause: result.error });
}

/**
 * Holds every law against an adapter, as tests of your runner:
 *
 *     conform({ describe, it }, { name: 'acme', start: startAcme, create: createAcme });
 *
 * Laws about verbs the channel has not, or faults the site does not know, are reported as N/A.
 * Nothing can be switched off; `waive` takes a reason, and the report prints it.
 */
export function conform<S extends Site>(
  runner: Runner,
  subject: Subject<S>,
  options: ConformOptions = {},
): void {
  const examination = createExamination(subject as unknown as Subject, laws, options);
  const results: Result[] = [];
  runner.describe(`${subject.name} keeps the laws`, () => {
    for (const law of laws) {
      runner.it(`${law.id} ${law.sentence}`, async () => {
        const result = await examination.examine(law);
        results.push(result);
        if (result.verdict === 'FAIL') throw failureOf(result, law, examination.seed);
      });
    }
    runner.it('the report', async () => {
      await examination.end();
      await write({ subject: subject.name, seed: examination.seed, results }, options);
    });
  });
}

/** The same without a test runner: for command lines, and for tests of the suite itself. */
export async function examine<S extends Site>(
  subject: Subject<S>,
  options: ExamineOptions & { readonly laws?: readonly Law[] } = {},
): Promise<Report> {
  const chosen = options.laws ?? laws;
  const examination = createExamination(subject as unknown as Subject, chosen, options);
  const results: Result[] = [];
  try {
    for (const law of chosen) results.push(await examination.examine(law));
  } finally {
    await examination.end();
  }
  return { subject: subject.name, seed: examination.seed, results };
}
