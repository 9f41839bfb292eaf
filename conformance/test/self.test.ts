/** The reference channel keeps every law: the laws can be kept. */
import assert from 'node:assert/strict';
import { describe, it } from 'vitest';
import { laws } from '../src/laws.ts';
import { conform } from '../src/suite.ts';
import { referenceSubject } from './reference/subject.ts';

conform({ describe, it }, referenceSubject(), { print: () => undefined });

describe('the catalogue', () => {
  it('numbers the laws of each topic without gaps', () => {
    const topics = Map.groupBy(laws, ({ id }) => id.split('-')[0] ?? '');
    for (const [topic, members] of topics) {
      const expected = members.map((_, at) => `${topic}-${String(at + 1).padStart(2, '0')}`);
      assert.deepEqual(
        members.map(({ id }) => id),
        expected,
      );
    }
  });
  it('says each law once, as a sentence with its reason', () => {
    assert.equal(new Set(laws.map(({ id }) => id)).size, laws.length);
    assert.equal(new Set(laws.map(({ sentence }) => sentence)).size, laws.length);
    for (const { sentence, why } of laws) {
      assert.match(sentence, /^[A-Z].{15,}[^.]$/);
      assert.match(why, /.{15,}/);
    }
  });
});
