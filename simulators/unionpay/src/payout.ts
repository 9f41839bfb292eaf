/** unionpay simulator · payout: money to a card, and money collected from one. */
import type { Call } from './call.ts';
import type { Card } from './cards.ts';
import { refuse } from './codes.ts';
import { cardOf, customerOf } from './customer.ts';
import { enter, requireFresh } from './entry.ts';
import { requireFactors, requireIdentity } from './factors.ts';
import { type Fields, readNested } from './form.ts';
import { mandateFor } from './mandate.ts';
import { acceptEntry } from './payment.ts';
import { requireCover } from './refund.ts';

const corporate = '04';

/** An account of a firm is believed by its name; nobody here keeps one. */
function payeeOf(call: Call): Card | undefined {
  if (call.fields['accType'] === corporate) {
    const { comDebitCardAccName = '' } = readNested(call.fields['reserved'] ?? '') ?? {};
    if (comDebitCardAccName === '') throw refuse('13');
    return undefined;
  }
  const card = cardOf(call);
  requireIdentity(card, customerOf(call));
  return card;
}

/** 12/00 */
export function payOut(call: Call): Fields {
  const card = payeeOf(call);
  requireFresh(call);
  requireCover(call, Number(call.fields['txnAmt']));
  return acceptEntry(call, enter(call, 'payout'), card);
}

/** By the name of a mandate alone; a card that is named as well must be its own. */
function collectByMandate(call: Call): Fields {
  requireFresh(call);
  const binding = mandateFor(call);
  const { accNo = '' } = call.fields;
  if (accNo !== '' && cardOf(call) !== binding.card) throw refuse('40');
  const entry = enter(call, 'collect');
  entry.binding = binding;
  return acceptEntry(call, entry, binding.card);
}

/** 11: by a mandate, or from a card with what its bank wants to know. */
export function collect(call: Call): Fields {
  if ((call.fields['bindId'] ?? '') !== '') return collectByMandate(call);
  const card = cardOf(call);
  requireFactors(card, customerOf(call));
  requireFresh(call);
  return acceptEntry(call, enter(call, 'collect'), card);
}
