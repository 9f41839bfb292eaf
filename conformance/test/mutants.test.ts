/** The suite's own acceptance test: every law has a mutant, and every mutant fails at its law. */
import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { laws } from '../src/laws.ts';
import { examine } from '../src/suite.ts';
import { mutate } from './mutant.ts';
import { mutants } from './mutants/all.ts';

describe('every law', () => {
  for (const law of laws) {
    it(`${law.id} has a mutant`, () => {
      assert.ok(
        mutants.some((mutant) => mutant.law === law.id),
        `${law.id}: ${law.sentence}`,
      );
    });
  }
});

// Those that never end are waited for: several at once wait no longer than one.
describe.concurrent('mutants', () => {
  for (const mutant of mutants) {
    it(`${mutant.law} notices a channel that ${mutant.what}`, async () => {
      const chosen = laws.filter((law) => law.id === mutant.law);
      const report = await examine(mutate(mutant), { laws: chosen });
      assert.deepEqual(
        report.results.map(({ id, verdict }) => ({ id, verdict })),
        [{ id: mutant.law, verdict: 'FAIL' }],
      );
      const [result] = report.results;
      // The law must object; a stage that breaks down proves nothing.
      assert.ok(
        (result?.error as Error | undefined)?.name === 'AssertionError',
        `${mutant.law} broke down instead of objecting: ${String(result?.reason)}`,
      );
    });
  }
});
