/** What the suite says about laws that hold, fail, hang, do not apply or are waived. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { arm } from '../src/acts.ts';
import { catalogueOf, matrixOf } from '../src/catalogue.ts';
import { type Law, notApplicable } from '../src/law.ts';
import { laws } from '../src/laws.ts';
import { summaryOf, toJson, toJunit, toMarkdown } from '../src/report.ts';
import { conform, examine } from '../src/suite.ts';
import { referenceSubject } from './reference/subject.ts';

const lawOf = (id: string, run: Law['run'], members: Partial<Law> = {}): Law => ({
  id,
  sentence: `The law ${id} of <this> & that | holds`,
  why: 'or else',
  level: 2,
  run,
  ...members,
});

const holding = lawOf('TEST-01', async () => {});
const broken = lawOf('TEST-02', async () => assert.fail('it was "so"\u0007 & not <otherwise>'));
const elsewhere = lawOf('TEST-03', async () => notApplicable('nothing to see'));
const withoutVerb = lawOf('TEST-04', async () => assert.fail('ran'), { verbs: ['cancelPayout'] });
const all = [holding, broken, elsewhere, withoutVerb];

const verdictsOf = async (chosen: readonly Law[], waive = {}) => {
  const report = await examine({ ...referenceSubject(), waive }, { laws: chosen });
  return { report, verdicts: report.results.map(({ verdict }) => verdict) };
};

describe('a verdict', () => {
  it('is PASS, FAIL or N/A with the reason', async () => {
    const { report, verdicts } = await verdictsOf(all);
    assert.deepEqual(verdicts, ['PASS', 'FAIL', 'N/A', 'N/A']);
    const reasons = report.results.map(({ reason }) => reason);
    assert.equal(reasons[2], 'nothing to see');
    assert.equal(reasons[3], 'the channel has no cancelPayout');
    assert.equal(summaryOf(report), 'acme: 1 PASS, 0 WAIVED, 2 N/A, 1 FAIL (seed 1)');
  });

  it('of a law that never ends is FAIL', async () => {
    const hanging = lawOf('TEST-05', () => new Promise(() => {}));
    const report = await examine(referenceSubject(), { laws: [hanging], patienceMs: 20 });
    assert.match(report.results[0]?.reason ?? '', /TEST-05 is not over after 20 ms/);
    assert.equal(report.results[0]?.verdict, 'FAIL');
  });

  it('of a law about a fault the site does not know is N/A, and says so', async () => {
    const { report } = await verdictsOf([lawOf('TEST-06', async (stage) => arm(stage, 'flood'))]);
    assert.equal(report.results[0]?.verdict, 'N/A');
    assert.match(report.results[0]?.reason ?? '', /no fault flood/);
  });

  it('is the same for the same seed, and the dice differ for another', async () => {
    const drawn: number[] = [];
    const drawing = lawOf('TEST-07', async ({ dice }) => {
      drawn.push(dice.below(1_000_000));
    });
    for (const seed of [1, 1, 2]) await examine(referenceSubject(), { laws: [drawing], seed });
    assert.equal(drawn[0], drawn[1]);
    assert.notEqual(drawn[0], drawn[2]);
  });
});

describe('a waiver', () => {
  it('excuses a law with its reason, and says when it is not needed', async () => {
    const waive = { 'TEST-01': 'it cannot be otherwise', 'TEST-02': 'the channel answers so' };
    const { report, verdicts } = await verdictsOf([holding, broken], waive);
    assert.deepEqual(verdicts, ['WAIVED', 'WAIVED']);
    assert.match(report.results[0]?.reason ?? '', /the waiver can go/);
    assert.equal(report.results[1]?.reason, 'the channel answers so');
  });

  it('for no law, or without a reason, is refused', async () => {
    await assert.rejects(verdictsOf([holding], { 'TEST-99': 'a long reason' }), /no law TEST-99/);
    await assert.rejects(verdictsOf([holding], { 'TEST-01': ' ' }), /needs its reason/);
  });
});

describe('a report', () => {
  it('is JSON without errors, JUnit that XML can hold, and a table', async () => {
    const { report } = await verdictsOf(all);
    const told = JSON.parse(toJson(report));
    assert.deepEqual(
      told.results.map(({ id }: { id: string }) => id),
      all.map(({ id }) => id),
    );
    assert.ok(!('error' in told.results[1]));
    const junit = toJunit(report);
    assert.match(junit, /tests="4" failures="1" skipped="2"/);
    assert.match(junit, /it was &quot;so&quot;\? &amp; not &lt;otherwise&gt;/);
    assert.ok(!junit.includes('<this>') && !junit.includes('\u0007'));
    assert.match(
      toMarkdown(report),
      /\| TEST-02 \| FAIL \| The law TEST-02 of <this> & that \\\| holds/,
    );
  });

  it('is written where the options say, by any runner', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
    const path = (name: string) => join(folder, name);
    const output = { json: path('a.json'), junit: path('a.xml'), markdown: path('a.md') };
    const tests: (() => Promise<void>)[] = [];
    let printed = '';
    const runner = {
      describe: (_: string, body: () => void) => body(),
      it: (_: string, body: () => Promise<void>) => tests.push(body),
    };
    const print = (text: string) => {
      printed += text;
    };
    const waive = { 'SHAPE-01': 'to see it printed' };
    conform(runner, { ...referenceSubject(), waive }, { output, print });
    assert.equal(tests.length, laws.length + 1);
    await tests[0]?.();
    await tests.at(-1)?.();
    assert.match(printed, /WAIVED SHAPE-01: to see it printed/);
    for (const file of Object.values(output)) assert.match(readFileSync(file, 'utf8'), /SHAPE-01/);
    rmSync(folder, { recursive: true });
  });

  it('is catalogue and matrix as well', async () => {
    assert.match(catalogueOf(all), /4 laws.*\| TEST-01 \| 2 \|/s);
    const subject = referenceSubject();
    const site = await subject.start();
    const matrix = matrixOf([{ channel: subject.create(site, site), laws: '3 of 4' }]);
    await site.stop();
    assert.match(matrix, /\| scenes of pay \| qr, barcode, page, agreement \|/);
    assert.match(matrix, /\| payout \| yes \|.*\| laws kept \| 3 of 4 \|/s);
  });
});
