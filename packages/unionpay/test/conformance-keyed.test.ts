/** Laws held against this adapter where no RSA certificate seals: by keys, and by SM2. */
import { examine, laws } from '@polyrail/conformance';
import { describe, expect, it } from 'vitest';
import { type Mode, unionPaySubject } from './subject.ts';

/** A key that two share has no stranger's: SEAL-06 and NOTE-04 have nothing to hold against it. */
const chosen = laws.filter(
  ({ id }) => /^(?:SEAL|MONEY|NOTE)-/.test(id) && id !== 'SEAL-06' && id !== 'NOTE-04',
);

/** SM2 is computed in this language, slowly: of each kind of message the law that says most. */
const few = laws.filter(({ id }) =>
  ['SEAL-06', 'MONEY-01', 'NOTE-01', 'NOTE-04', 'NOTE-05', 'AGR-01'].includes(id),
);

async function verdictsOf(mode: Mode, held: typeof laws) {
  const { waive: _all, ...subject } = unionPaySubject(mode);
  const { results } = await examine(subject as never, { laws: held });
  const failed = results.filter(({ verdict }) => verdict === 'FAIL');
  expect(failed.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
  return results.filter(({ verdict }) => verdict === 'PASS').map(({ id }) => id);
}

describe.each(['sha256', 'sm3'] as const)('sealed by %s', (mode) => {
  it('keeps the laws of seals, money and notifications', async () => {
    expect((await verdictsOf(mode, chosen)).length).toBeGreaterThan(20);
  });
});

describe('sealed by sm2', () => {
  it('keeps laws of seals, money, notifications and agreements', async () => {
    expect(await verdictsOf('sm2', few)).toEqual(few.map(({ id }) => id));
  });
});
