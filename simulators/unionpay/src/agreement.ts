/** unionpay simulator · agreement: opening cards, their SMS codes, tokens and their end. */
import type { Agreement, Binding, Opening } from './agreement-book.ts';
import { isUsable } from './agreement-book.ts';
import type { Call } from './call.ts';
import { bankOf, type Card } from './cards.ts';
import { missed, refuse } from './codes.ts';
import { cardOf, customerInfoFor, customerOf, hideFor, requirePin } from './customer.ts';
import { requireFactors, requireIdentity } from './factors.ts';
import { type Fields, filled, readNested, writeNested } from './form.ts';
import type { Room } from './room.ts';
import type { SmsPurpose } from './sms.ts';
import { compactTime, parseTime } from './time.ts';

const tokenProduct = '000902';
const nestedOf = ({ fields }: Call): Fields => {
  const nested = readNested(fields['tokenPayData'] ?? '');
  if (nested === undefined) throw missed('tokenPayData');
  return nested;
};

/** Who requests the token; empty where cards are known by their number. */
function trIdOf(call: Call): string {
  if (call.fields['bizType'] !== tokenProduct) return '';
  const { trId = '' } = nestedOf(call);
  if (trId !== call.merchant.trId) throw refuse('89', '3910002');
  return trId;
}

/** The token a call names, as long as it lives. */
export function bindingForPayment(call: Call): Binding {
  trIdOf(call);
  const binding = call.room.agreements.findToken(call.merchant, nestedOf(call)['token'] ?? '');
  if (binding === undefined || !binding.active) throw refuse('89', '3910014');
  if (!isUsable(binding, call.room.world.clock.now())) throw refuse('80', '3910013');
  return binding;
}

function purposeOf({ fields, merchant }: Call, purpose: SmsPurpose['purpose']): SmsPurpose {
  const { orderId = '', txnTime = '', txnAmt = '' } = fields;
  const amount = purpose === 'pay' ? Number(txnAmt) : undefined;
  return { merchant, orderId, txnTime, purpose, amount };
}

/** A code that is sent must be that of this order; a payment may go without one. */
export function requireSms(call: Call, card: Card, purpose: SmsPurpose['purpose'] = 'pay'): void {
  requirePin(call, card);
  const { smsCode = '' } = customerOf(call);
  if (smsCode === '' && (purpose === 'pay' || !bankOf(card).sendsSms)) return;
  if (smsCode === '') throw refuse('13', '6151084', { note: 'The bank demands smsCode.' });
  if (!call.room.sms.accepts(purposeOf(call, purpose), smsCode)) throw refuse('71');
}

function sendSms(call: Call, card: Card, purpose: SmsPurpose['purpose']): Fields {
  const { exchange, room } = call;
  const bank = bankOf(card);
  if (!bank.sendsSms) throw refuse('79');
  const phone = customerOf(call)['phoneNo'] ?? (purpose === 'pay' ? card.phoneNo : '');
  if (phone === '') throw refuse('13', '6151084');
  const checked: readonly string[] = bank.checks;
  if (checked.includes('phoneNo') && phone !== card.phoneNo) throw refuse('66');
  if (exchange.fault('sms-lost')) return {};
  const { code, phone: masked } = room.sms.send(purposeOf(call, purpose), phone);
  exchange.note(`SMS to ${masked}: the code is ${code}.`);
  return {};
}

/** 77/00 */
export const sendOpeningSms = (call: Call): Fields => {
  trIdOf(call);
  return sendSms(call, cardOf(call), 'open');
};

/** 77/02 */
export const sendPaymentSms = (call: Call): Fields => {
  const byToken = call.fields['bizType'] === tokenProduct;
  return sendSms(call, byToken ? bindingForPayment(call).card : cardOf(call), 'pay');
};

/** `{token=…&trId=…&…}` */
export const tokenData = ({ token, trId, begin, end }: Binding): string =>
  writeNested({
    token,
    trId,
    tokenType: '01',
    tokenBegin: compactTime(begin),
    tokenEnd: compactTime(end),
    tokenLevel: '10',
  });

/** What an opening that succeeded is told with. Quirk: a token comes with four digits only. */
export function openedFields(agreement: Agreement, room: Room): Fields {
  const { binding, card } = agreement;
  if (binding === undefined || card === undefined) return { activateStatus: '0' };
  if (!isUsable(binding, room.world.clock.now())) return { activateStatus: '0' };
  const told = binding.trId === '' ? card.number : card.number.slice(-4);
  return filled({
    activateStatus: '1',
    accNo: hideFor(agreement, told, room),
    customerInfo: customerInfoFor(agreement, card, room),
    tokenPayData: binding.trId === '' ? undefined : tokenData(binding),
  });
}

function openingOf(call: Call, trId: string): Opening {
  const { fields, merchant, voice, face } = call;
  const { payTimeout = '', orderId = '', txnTime = '', txnSubType = '', bizType = '' } = fields;
  const addresses =
    face === 'front' ? { frontUrl: fields['frontUrl'], backUrl: fields['backUrl'] } : {};
  return {
    ...{ merchant, voice, orderId, txnTime, txnSubType, bizType, trId, ...addresses },
    reqReserved: fields['reqReserved'],
    expiresAt: payTimeout === '' ? undefined : parseTime(payTimeout),
  };
}

/** Refuses a card that its bank binds once only. */
export function requireBindable(agreement: Agreement, card: Card, { agreements }: Room): void {
  const { merchant, trId } = agreement;
  if (bankOf(card).rebinds || agreements.bindingOf(merchant, card, trId) === undefined) return;
  throw refuse('40');
}

/** Opens the card now, or when its bank comes to it; false for later. */
export function openCard(agreement: Agreement, card: Card, { agreements, world }: Room): boolean {
  const { openingMs = 0 } = bankOf(card) as { readonly openingMs?: number };
  if (openingMs === 0) {
    agreements.activate(agreement, card);
    return true;
  }
  agreement.cancelTimer?.();
  Object.assign(agreement, { state: 'opening', card });
  const open = () => agreements.activate(agreement, card);
  agreement.cancelTimer = world.clock.schedule(openingMs, open);
  return false;
}

/** 79/00 between servers: the answer is final, and nothing else is told. */
export function openByServer(call: Call): Fields {
  const { fields, merchant, room } = call;
  const { agreements, options } = room;
  const trId = trIdOf(call);
  const card = cardOf(call);
  const before = agreements.find(merchant, fields['orderId'] ?? '', fields['txnTime']);
  if (before?.state === 'active') return openedFields(before, room);
  if (before?.state === 'opening') throw refuse('03');
  if (options.backOpening === 'credit' && card.kind === 'debit') {
    const extra = { accNo: hideFor(call, card.number, room) };
    throw refuse('32', '6131010', { extra });
  }
  const opening = openingOf(call, trId);
  requireFactors(card, customerOf(call));
  requireSms(call, card, 'open');
  const draft = { ...opening, ticket: '', state: 'open' } as const;
  requireBindable(draft, card, room);
  const agreement = agreements.begin(opening);
  if (openCard(agreement, card, room)) return openedFields(agreement, room);
  throw refuse('03', undefined, { note: 'The bank opens it later.' });
}

/** 79/00 in a browser: a page where the holder opens a card. */
export function openOnPage(call: Call): string {
  const { fields, merchant, room } = call;
  const trId = trIdOf(call);
  const card = (fields['accNo'] ?? '') === '' ? undefined : cardOf(call);
  const before = room.agreements.find(merchant, fields['orderId'] ?? '', fields['txnTime']);
  if (before !== undefined) return before.ticket;
  return room.agreements.begin({ ...openingOf(call, trId), card }).ticket;
}

/** 78/00: whether a card is open, by its number. */
export function queryCard(call: Call): Fields {
  const { merchant, room } = call;
  const card = cardOf(call);
  const binding = room.agreements.bindingOf(merchant, card, trIdOf(call));
  if (binding === undefined) return { activateStatus: '0' };
  return {
    activateStatus: '1',
    payCardType: card.kind === 'debit' ? '01' : '02',
    customerInfo: customerInfoFor(call, card, room),
  };
}

/** 78/02 and 79/05: the token that an opening, or a payment that opened, has made. */
export function queryOpening({ fields, merchant, room }: Call): Fields {
  const { orderId = '', txnTime } = fields;
  const agreement = room.agreements.find(merchant, orderId, txnTime);
  if (agreement === undefined) throw refuse('34', '2600000');
  if (agreement.state === 'failed') {
    throw refuse(agreement.outcome?.respCode ?? '69', undefined, {
      extra: { activateStatus: '0' },
    });
  }
  return agreement.state === 'active' ? openedFields(agreement, room) : { activateStatus: '0' };
}

/** 79/03: another token for the same card. */
export function renewToken(call: Call): Fields {
  const binding = bindingForPayment(call);
  call.room.agreements.renew(binding);
  return { tokenPayData: tokenData(binding) };
}

/** 74/01 */
export function deleteToken(call: Call): Fields {
  call.room.agreements.end(bindingForPayment(call));
  return {};
}

/** 72/01: UnionPay's own check of an identity; no bank is asked. */
export function verifyIdentity(call: Call): Fields {
  requireIdentity(cardOf(call), customerOf(call));
  return {};
}
