/**
 * unionpay · codes: every documented response code and what it decides, with the seven-digit codes
 * behind it (dossier §11, from public code tables of UnionPay's own kits, the token platform's page
 * and recorded traffic).
 */
import type { Reason } from '@polyrail/core';
import {
  each,
  failed,
  notFound,
  refused,
  repeatedId,
  unclear,
  undocumented,
  type Verdict,
} from '@polyrail/kit/verdict';

type Table = Readonly<Record<string, Verdict>>;

/** What is asked for: a movement by card or order, money to a payee, no money at all, or a question. */
export type Family = 'funds' | 'payout' | 'opening' | 'query';

/** Of every call: the message was rejected, whatever it was about; or the platform is in trouble. */
const general: Table = {
  ...each(refused('parameter-invalid'), '10 13 14 99'),
  ...each(refused('credential-invalid'), '11'),
  ...each(refused('permission-denied'), '31 32 43 78'),
  ...each(refused('maintenance'), '02 39 41'),
  ...each(refused('rate-limited'), '37'),
  // Quirk: 06 is also said of what was carried out: for money, ask first.
  ...each(unclear, '03 04 06 74 75 83'),
};

/** The issuer, or the platform for it, has decided: this card, this payer, this amount. */
const declined: Table = {
  ...each(failed('other', 'new-id'), '01 60'),
  ...each(failed('instrument-invalid', 'new-id'), '30 44 61 62 63 68 73'),
  ...each(failed('limit-exceeded', 'new-id'), '33 81 87'),
  ...each(failed('risk-blocked', 'new-id'), '38'),
  ...each(failed('payer-unverified', 'new-id'), '40 65 66 67 79 91'),
  ...each(failed('insufficient-funds', 'new-id'), '64 90'),
  ...each(failed('order-expired', 'new-id'), '69'),
  ...each(failed('agreement-inactive', 'new-id'), '72 76 77 80 89'),
  ...each(failed('permission-denied', 'new-id'), '92 93 94 95 96'),
  // The code or the PIN is wrong or wanted: the same transaction may be asked for with the right one.
  ...each(refused('payer-unverified'), '71 82 84'),
};

const funds: Table = {
  ...declined,
  ...each(repeatedId, '12'),
  // Debited after its deadline: it comes back to the payer by itself, some day.
  ...each(unclear, '42'),
  // Quirk: "not found" is about the order, or about the original it names: it may still arrive.
  ...each(notFound, '34'),
  ...each(failed('other', 'new-id'), '35'),
  ...each(failed('parameter-invalid', 'new-id'), '36'),
  ...each(failed('cancelled', 'never'), '45'),
};

/** §9.12: of payouts these say nothing final, and a card that does not work is the payee's. */
const payout: Table = {
  ...funds,
  ...each(unclear, '01 60'),
  ...each(failed('payee-invalid', 'new-id'), '30 44 61 62 63 66 68 73 91'),
  ...each(failed('merchant-funds', 'same-id'), '64 90'),
};

/** Sign-ups, codes by SMS, the ends of agreements: the answer is final, and may be asked for again. */
const opening: Table = {
  ...declined,
  ...each(repeatedId, '12'),
  ...each(notFound, '34'),
  ...each(failed('agreement-inactive', 'never'), '35 45'),
  ...each(failed('parameter-invalid', 'new-id'), '36'),
  ...each(unclear, '42'),
};

/** What is wrong with a question says nothing about what it asks for. */
const query: Table = {
  ...each(notFound, '34 98'),
  ...each(refused('rate-limited'), '37'),
  ...each(refused('maintenance'), '02 39 41'),
  ...each(refused('parameter-invalid'), '10 12 13 14 35 36 99'),
};

const families: { readonly [F in Family]: Table } = { funds, payout, opening, query };

/** The seven digits that tell more than the two in front of them (§11.2). */
const subCodes: Readonly<Record<string, Verdict>> = {
  '2010002': repeatedId,
  '2011000': failed('window-passed', 'never'),
  '2011001': failed('parameter-invalid', 'new-id'),
  '2031003': failed('parameter-invalid', 'new-id'),
  '2050001': failed('parameter-invalid', 'new-id'),
  '2050002': failed('cancelled', 'never'),
  '2050004': failed('refund-exceeds', 'new-id'),
  '4040007': failed('window-passed', 'never'),
  '6131010': refused('permission-denied'),
  '6151084': refused('parameter-invalid'),
  '7101401': refused('parameter-invalid'),
  '9100003': refused('parameter-invalid'),
  '9100004': refused('credential-invalid'),
  '3900002': failed('agreement-inactive', 'new-id'),
  '3910001': failed('agreement-inactive', 'new-id'),
  '3910002': failed('agreement-inactive', 'new-id'),
  '3910014': failed('agreement-inactive', 'new-id'),
  '3910018': failed('agreement-inactive', 'new-id'),
  '3910013': failed('agreement-inactive', 'new-id'),
  '3910003': failed('limit-exceeded', 'new-id'),
  '3910006': failed('limit-exceeded', 'new-id'),
  '3910052': failed('limit-exceeded', 'new-id'),
  '3910005': refused('permission-denied'),
};

/**
 * Under which two digits a seven-digit code is told: under others it is not believed to be that one.
 * A dash: the table of the kits names none.
 */
const homeOf: Readonly<Record<string, string>> = {
  '2010002': '12',
  '2011000': '35',
  '2011001': '35',
  '2031003': '36',
  '2050001': '-',
  '2050002': '-',
  '2050004': '36',
  '4040007': '-',
  '6131010': '32',
  '6151084': '-',
  '7101401': '-',
  '9100003': '10',
  '9100004': '11',
  '3900002': '06',
  '3910001': '89',
  '3910002': '89',
  '3910014': '89',
  '3910018': '89',
  '3910013': '80',
  '3910003': '87',
  '3910006': '33',
  '3910052': '33',
  '3910005': '32',
};

const lookUp = <T>(table: Readonly<Record<string, T>>, name: string | undefined): T | undefined =>
  name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;

/** Codes that decide nothing, whatever stands behind them. */
const isUnclear = (code: string): boolean => /^(?:00|03|04|05|34|70|83|A6)$/.test(code);

/** What a `respCode` other than success decides; `subCode` are the digits of `respMsg`. */
export function verdictOf(family: Family, code: string, subCode?: string): Verdict {
  const general_ = lookUp(families[family], code) ?? lookUp(general, code) ?? undocumented;
  const home = lookUp(homeOf, subCode);
  const fits = home === code || (home === '-' && !isUnclear(code));
  if (family === 'query' || !fits) return general_;
  // Of a payout 01, 12, 34 and 60 are in doubt, and no digits behind them change that.
  if (family === 'payout' && general_.end === 'unknown') return general_;
  return lookUp(subCodes, subCode) ?? general_;
}

/** `00`, and A6: done with a defect that is UnionPay's to mend. */
export const isSuccess = (code: string): boolean => code === '00' || code === 'A6';

/** What became of a transaction that is asked about. */
export type State =
  | { readonly is: 'succeeded' }
  | { readonly is: 'pending'; readonly waitingFor: 'payer' | 'channel' }
  | { readonly is: 'failed'; readonly reason: Reason; readonly retry: 'new-id' | 'never' }
  | { readonly is: 'undocumented' };

/** Of which more will be heard (§11.1, §12). */
const underWay = new Set(['03', '04', '05', '06', '12', '34', '42', '74', '75', '83']);
/** §9.12. */
const underWayPayout = new Set([...underWay, '01', '60']);

/** What an `origRespCode`, or the `respCode` of a notification, says of a transaction. */
export function stateOf(family: 'funds' | 'payout', code: string, subCode?: string): State {
  if (isSuccess(code)) return { is: 'succeeded' };
  if (code === '70') return { is: 'pending', waitingFor: 'payer' };
  if ((family === 'payout' ? underWayPayout : underWay).has(code)) {
    return { is: 'pending', waitingFor: 'channel' };
  }
  const verdict = verdictOf(family, code, subCode);
  if (verdict.end === 'unknown') return { is: 'undocumented' };
  // The transaction was turned down with it: of that the message's own fault is a reason, too.
  const retry = verdict.end === 'failed' && verdict.retry === 'never' ? 'never' : 'new-id';
  return { is: 'failed', reason: verdict.reason, retry };
}
