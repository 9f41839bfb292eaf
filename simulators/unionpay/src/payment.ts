/** unionpay simulator · payment: consumes - on a page, in an app, by code, by card and by token. */
import { bindingForPayment, requireSms } from './agreement.ts';
import type { Binding } from './agreement-book.ts';
import type { Call } from './call.ts';
import { type Card, testCards } from './cards.ts';
import { refuse } from './codes.ts';
import { cardOf } from './customer.ts';
import { enter, known, newTn, requireFresh } from './entry.ts';
import { type Fields, readNested } from './form.ts';
import { delayOf, fateOf } from './stories.ts';
import { isOpen, type Kind, type Transaction } from './transaction.ts';

/** Bank-issued rights end at a browser: `issInsCode` and such only change what the page shows. */
const lockedCard = (call: Call): Card | undefined =>
  (call.fields['accNo'] ?? '') === '' ? undefined : cardOf(call);

/** What waits for the payer on a page; the same order again leads to the same page. */
export function openPage(call: Call, kind: Kind): string {
  const before = known(call);
  const amount = Number(call.fields['txnAmt']);
  if (before !== undefined) {
    const same = isOpen(before) && before.terms.amount === amount && before.terms.kind === kind;
    if (!same) throw refuse('12', '2010002');
    return before.ticket;
  }
  const card = lockedCard(call);
  const nested = readNested(call.fields['tokenPayData'] ?? '') ?? {};
  const opens = kind === 'consume' && nested['trId'] !== undefined;
  const entry = enter(call, kind, { opens });
  if (card !== undefined) entry.card = card;
  return entry.ticket;
}

/** A number for the payer's phone. */
export function openApp(call: Call, kind: Kind): Fields {
  requireFresh(call);
  return { tn: enter(call, kind, { ticket: newTn(call) }).ticket };
}

/** The channel works on it from now on. */
export function acceptEntry(call: Call, entry: Transaction, card?: Card): Fields {
  const fate = fateOf(call.exchange);
  if (fate !== undefined) entry.fate = fate;
  call.room.book.accept(entry, { card, delayMs: delayOf(call.exchange) });
  return { queryId: entry.trace?.queryId ?? '' };
}

const qrHost = 'https://qr.95516.com/00010000/';

/** A code that the merchant shows. */
function showCode(call: Call): Fields {
  requireFresh(call);
  return { qrCode: `${qrHost}${enter(call, 'consume').ticket}` };
}

/** A code that the payer shows; its card is that of the phone. */
function takeCode(call: Call): Fields {
  if ((call.fields['qrNo'] ?? '') === '') throw refuse('13');
  requireFresh(call);
  return acceptEntry(call, enter(call, 'consume'), testCards[0]);
}

function charge(call: Call, binding: Binding): Fields {
  const entry = enter(call, 'consume');
  entry.binding = binding;
  return acceptEntry(call, entry, binding.card);
}

/** By the number of a card that was opened before. */
function payByCard(call: Call): Fields {
  const card = cardOf(call);
  requireFresh(call);
  const binding = call.room.agreements.bindingOf(call.merchant, card, '');
  if (binding === undefined) throw refuse('77');
  requireSms(call, card);
  return charge(call, binding);
}

function payByToken(call: Call): Fields {
  requireFresh(call);
  const binding = bindingForPayment(call);
  requireSms(call, binding.card);
  return charge(call, binding);
}

const ways: Readonly<Record<string, (call: Call) => Fields>> = {
  '000301': payByCard,
  '000902': payByToken,
};

/** 01/01 and 01/03 between servers: only for cards and tokens that were opened. */
export function consume(call: Call): Fields {
  const { txnSubType = '', bizType = '' } = call.fields;
  if (txnSubType === '07') return showCode(call);
  if (txnSubType === '06') return takeCode(call);
  const way = Object.hasOwn(ways, bizType) ? ways[bizType] : undefined;
  if (way === undefined) throw refuse('32', '6131010');
  return way(call);
}
