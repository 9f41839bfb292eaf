/** The laws about trust and money, held against this adapter sealed with keys instead of certificates. */
import { examine, laws } from '@polyrail/conformance';
import { describe, expect, it } from 'vitest';
import { unionPaySubject } from './subject.ts';

/** A key that two share has no stranger's: SEAL-06 and NOTE-04 have nothing to hold against it. */
const chosen = laws.filter(
  ({ id }) => /^(?:SEAL|MONEY|NOTE)-/.test(id) && id !== 'SEAL-06' && id !== 'NOTE-04',
);

describe.each(['sha256', 'sm3'] as const)('sealed by %s', (mode) => {
  it('keeps the laws of seals, money and notifications', async () => {
    const { waive: _all, ...subject } = unionPaySubject(mode);
    const { results } = await examine(subject as never, { laws: chosen });
    const failed = results.filter(({ verdict }) => verdict === 'FAIL');
    expect(failed.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === 'PASS').length).toBeGreaterThan(20);
  });
});
