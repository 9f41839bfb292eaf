import { examine } from '@polyrail/contest';
import { expect, it } from 'vitest';
import { corpusAt } from '../attack/corpus.ts';
import { polyrail } from '../attack/polyrail.ts';
import { nowMs } from './gateway.ts';

const corpus = corpusAt(nowMs);

it('every attack of the corpus is refused, and its honest twin is accepted', async () => {
  const contestant = polyrail(nowMs);
  const rows = await examine(corpus, [contestant]);
  // "not offered" would be a twin that is refused as well.
  const others = rows.filter(({ verdicts }) => verdicts[contestant.name] !== 'refused');
  expect(others).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(42);
});

it('the corpus is the same bytes for the same moment, under names of its own', () => {
  const bytes = (cases: typeof corpus) =>
    cases.map(({ id, attack, twin }) => [
      id,
      ...[attack, twin].map(({ messages = [], site }) => [
        messages.map(({ headers, body }) => [headers, Buffer.from(body).toString()]),
        site('GET /v3/certificates', '')?.headers,
      ]),
    ]);
  expect(bytes(corpusAt(nowMs))).toEqual(bytes(corpus));
  expect(new Set(corpus.map(({ id }) => id)).size).toBe(corpus.length);
});
