/** Laws held against mandates: the agreements of 代收, and whatever is paid by them or beside them. */
import { examine, laws } from '@polyrail/conformance';
import { expect, it } from 'vitest';
import { unionPaySubject } from './subject.ts';

/** What nothing stands behind here: no payer decides after the call, no code, no push about it. */
const absent = ['AGR-01', 'AGR-02', 'AGR-07', 'AGR-17'];

/** Of what may become of a call those laws that ask the channel: the others are the guard's. */
const asking = /^OUT-(?:06|07|08|14|18|24)$/;

it.each([
  ['agreements', /^AGR-/],
  ['payments and refunds', /^(?:PAY|REF)-/],
  ['outcomes that are asked about', asking],
  ['shape and secrecy', /^(?:SHAPE|SECRET)-/],
])(
  'by mandate it keeps the laws of %s',
  async (_what, ids) => {
    const held = laws.filter(({ id }) => ids.test(id));
    const subject = unionPaySubject('rsa', 'collection');
    const { waive = {}, ...rest } = subject;
    const chosen = held.filter(({ id }) => waive[id] === undefined);
    const { results } = await examine(rest as never, { laws: chosen, patienceMs: 120_000 });
    const failed = results.filter(({ verdict }) => verdict === 'FAIL');
    expect(failed.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([]);
    const none = results.filter(({ id, verdict }) => verdict === 'N/A' && id.startsWith('AGR-'));
    expect(none.map(({ id }) => id)).toEqual(ids.test('AGR-01') ? absent : []);
  },
  300_000,
);
