import { describe, expect, it } from 'vitest';
import { type Family, stateOf, verdictOf } from '../src/codes.ts';

const split = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Every respCode of the dossier (§11.1), but 00 and A6, which are no refusals. */
const documented = split(`01 02 03 04 06 10 11 12 13 14 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44
  45 60 61 62 63 64 65 66 67 68 69 71 72 73 74 75 76 77 78 79 80 81 82 83 84 87 89 90 91 92 93 94 95
  96 99`);
/** The codes behind them, under the ones that the dossier pairs them with (§11.2). */
const subCodes: readonly (readonly [code: string, subCode: string])[] = [
  ['12', '2010002'],
  ['35', '2011000'],
  ['35', '2011001'],
  ['36', '2031003'],
  ['35', '2040004'],
  ['35', '2040006'],
  ['36', '2050001'],
  ['35', '2050002'],
  ['36', '2050004'],
  ['06', '3900002'],
  ['89', '3910001'],
  ['89', '3910002'],
  ['89', '3910014'],
  ['89', '3910018'],
  ['87', '3910003'],
  ['32', '3910005'],
  ['33', '3910006'],
  ['33', '3910052'],
  ['80', '3910013'],
  ['35', '4040007'],
  ['10', '6100030'],
  ['32', '6131010'],
  ['13', '6151084'],
  ['14', '7101401'],
  ['10', '9100003'],
  ['11', '9100004'],
];
const undocumented = { end: 'unknown', doubt: 'unreadable-reply' };
const families: readonly Family[] = ['funds', 'payout', 'opening'];

describe('codes', () => {
  it.each(documented)('%s decides something for every call', (code) => {
    for (const family of families) expect(verdictOf(family, code)).not.toEqual(undocumented);
  });

  it.each(['85', '86', '88', '97', 'XX', ''])('%s decides nothing', (code) => {
    for (const family of families) expect(verdictOf(family, code)).toEqual(undocumented);
    expect(stateOf('funds', code)).toEqual({ is: 'undocumented' });
  });

  it.each(subCodes)('%s [%s] is known', (code, subCode) => {
    expect(verdictOf('funds', code, subCode)).not.toEqual(undocumented);
  });

  it('lets no digits turn what is open into a failure', () => {
    for (const code of ['03', '04', '34', '83']) {
      for (const [, subCode] of subCodes) {
        expect(verdictOf('funds', code, subCode).end).toBe('unknown');
        expect(stateOf('funds', code, subCode).is).toBe('pending');
      }
    }
    for (const code of ['01', '12', '34', '60']) {
      for (const [, subCode] of subCodes) {
        expect(verdictOf('payout', code, subCode).end).toBe('unknown');
      }
    }
  });

  it.each([
    ['35', '2011000', 'window-passed'],
    ['35', '4040007', 'window-passed'],
    ['36', '2050004', 'refund-exceeds'],
    ['06', '3900002', 'agreement-inactive'],
    ['33', '3910052', 'limit-exceeded'],
  ])('%s [%s] says why', (code, subCode, reason) => {
    expect(verdictOf('funds', code, subCode)).toMatchObject({ end: 'failed', reason });
    // Under other digits it is not that code.
    expect(verdictOf('funds', '64', subCode.replace(/^./, '1'))).toMatchObject({
      reason: 'insufficient-funds',
    });
  });

  it('says of a question only what is wrong with the question', () => {
    for (const code of ['01', '60', '64', '66', '72', '89']) {
      expect(verdictOf('query', code).end).toBe('unknown');
    }
    expect(verdictOf('query', '34')).toMatchObject({ doubt: 'not-found' });
  });

  it('tells what became of a transaction', () => {
    expect(stateOf('funds', '00')).toEqual({ is: 'succeeded' });
    expect(stateOf('funds', 'A6')).toEqual({ is: 'succeeded' });
    expect(stateOf('funds', '70')).toEqual({ is: 'pending', waitingFor: 'payer' });
    expect(stateOf('funds', '05')).toEqual({ is: 'pending', waitingFor: 'channel' });
    expect(stateOf('funds', '60')).toMatchObject({ is: 'failed' });
    expect(stateOf('payout', '60')).toMatchObject({ is: 'pending' });
    // Turned down for its message: the transaction will not happen.
    expect(stateOf('funds', '32')).toMatchObject({ is: 'failed', reason: 'permission-denied' });
  });
});
