/** unionpay simulator · factors: what banks and UnionPay compare of a card holder. */
import { bankOf, type Card, type Factor } from './cards.ts';
import { type RespCode, refuse } from './codes.ts';
import type { Fields } from './form.ts';

/** What a wrong factor is answered with. */
const mistakes: Readonly<Record<Factor, RespCode>> = {
  certifId: '66',
  customerNm: '66',
  phoneNo: '66',
  cvn2: '65',
  expired: '65',
};

const agrees = (card: Card, customer: Fields, factor: Factor): boolean => {
  const said = customer[factor] ?? '';
  return said === '' || said.toLowerCase() === (card[factor] ?? said).toLowerCase();
};

/** What the issuing bank checks: everything it knows, and it demands some of it. */
export function requireFactors(card: Card, customer: Fields): void {
  const { checks, demands } = bankOf(card);
  const missing = demands.find((factor) => (customer[factor] ?? '') === '');
  if (missing !== undefined) {
    throw refuse('13', '6151084', { note: `The bank demands ${missing} in customerInfo.` });
  }
  const wrong = checks.find((factor) => !agrees(card, customer, factor));
  if (wrong !== undefined) throw refuse(mistakes[wrong], undefined, { note: `Wrong: ${wrong}.` });
}

/** Quirk: UnionPay's own verification asks the identity only; a bank may refuse what it passes. */
export function requireIdentity(card: Card, customer: Fields): void {
  const given = ['certifId', 'customerNm'] as const;
  if (given.every((factor) => (customer[factor] ?? '') === '')) throw refuse('13', '6151084');
  const wrong = given.find((factor) => !agrees(card, customer, factor));
  if (wrong !== undefined) throw refuse('66', undefined, { note: `Wrong: ${wrong}.` });
}
