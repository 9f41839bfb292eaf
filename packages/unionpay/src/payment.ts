/** unionpay · payment: orders, the codes that confirm them, and what became of them. */
import {
  type Call,
  type Clock,
  type ConfirmPayRequest,
  type Finding,
  type NextAction,
  PolyrailError,
  type Ref,
  revealText,
} from '@polyrail/core';
import { requiredText } from '@polyrail/kit/fields';
import { beforehand, followUp } from '@polyrail/kit/question';
import { lookUpToken } from './agreement.ts';
import { acceptedFinding, fromRejection, isAccepted, isDone, pollAfterMs } from './answer.ts';
import type { Settings } from './config.ts';
import type { Message } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { wrong } from './extra.ts';
import { type OrderHandle, orderHandle, readOrderHandle } from './handle.ts';
import {
  evidenceOf,
  fromInquiry,
  isOpen,
  isTold,
  settledAmountOf,
  type Told,
  toInquiry,
  unfinished,
} from './inquiry.ts';
import { lookUpMandate, noMandate } from './mandate.ts';
import { queryIdOf } from './messages.ts';
import {
  addressOf,
  amountOf,
  currencyCode,
  fenText,
  needsHider,
  type Order,
  tokenPayData,
  toPay,
} from './order.ts';
import { cardNumber, customerInfo, type Hider, maskedAccount, maskPhone } from './sensitive.ts';
import type { PayRequest } from './shape.ts';
import { instantOfWireTime } from './time.ts';
import { products, type Transaction } from './transactions.ts';
import type { HandOver, Wire } from './wire.ts';

export type Paying = Finding<'payment'>;

export interface PaymentRoom {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** Pure: a form for the payer's browser. */
export const formAction = ({ url, fields, charset }: HandOver): NextAction => ({
  kind: 'form',
  url,
  fields,
  charset,
});

/** Pure: what an accepted order is to be taken up with, and by whom. */
export function takenUp(transaction: Transaction, message: Message): NextAction | undefined {
  if (transaction.endpoint === 'app') {
    return { kind: 'sdk', parameters: { tn: requiredText(message, 'tn') } };
  }
  if (transaction.txnType !== '01' || transaction.txnSubType !== '07') return undefined;
  return { kind: 'qr', text: requiredText(message, 'qrCode') };
}

const sentToOf = (request: PayRequest): string | undefined => {
  const phone = request.scene === 'card' ? request.card.phone : undefined;
  return phone === undefined ? undefined : maskPhone(revealText(phone));
};

/** Pure: what the answer to an order says. 00 is no more than that it was taken on. */
export function fromPay(
  request: PayRequest,
  { exchange, expiresAt }: Order,
  message: Message,
): Paying {
  const { transaction } = exchange;
  const evidence = { evidence: 'signed', raw: message } as const;
  if (transaction.txnType === '77') {
    if (!isDone(message)) return fromRejection(transaction, message);
    const nextAction = { kind: 'otp', sentTo: sentToOf(request) } as NextAction;
    return { status: 'pending', waitingFor: 'payer', nextAction, ...evidence };
  }
  if (!isAccepted(message)) {
    const byMandate = exchange.fields['bindId'] !== undefined;
    return fromRejection(transaction, message, byMandate ? noMandate : undefined);
  }
  const channelId = queryIdOf(message);
  const nextAction = takenUp(transaction, message);
  if (nextAction === undefined) return { ...acceptedFinding(message), channelId };
  return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, channelId, ...evidence };
}

export interface Reading {
  readonly handle: OrderHandle | undefined;
  readonly nowMs: number;
  readonly reveal: (base64: string) => string | undefined;
}

/**
 * Pure: what a transaction says of a payment.
 *
 * Quirk: an order that the payer takes up may be tried with another card: until its deadline, a
 * failure is what happened last, and no end (§12).
 */
export function fromTold(told: Told, { handle, nowMs, reveal }: Reading): Paying {
  const evidence = evidenceOf(told);
  const { amount, settledOn, message } = told;
  const open = unfinished(told);
  if (open === undefined) {
    const account = maskedAccount(message, reveal);
    return {
      status: 'succeeded',
      amount,
      settledOn,
      payer: account === undefined ? undefined : { account },
      receivedAmount: settledAmountOf(message),
      ...evidence,
    };
  }
  const payTimeout = handle?.payTimeout;
  if (!isOpen(payTimeout, nowMs)) return open;
  const expiresAt = instantOfWireTime(payTimeout ?? '');
  return { status: 'pending', waitingFor: 'payer', pollAfterMs, expiresAt, amount, ...evidence };
}

/** Asks what became of a payment. */
export async function askPayment(
  { wire, clock }: PaymentRoom,
  payment: Ref<'payment'>,
  call: Call,
): Promise<Paying> {
  const handle = readOrderHandle(payment);
  const bizType = handle === undefined ? undefined : products[handle.product].bizType;
  const found = fromInquiry(await wire.call(toInquiry(payment, bizType), call), 'payment');
  if (!isTold(found)) return found as Paying;
  return fromTold(found, { handle, nowMs: clock.now(), reveal: wire.reveal });
}

const inactive: Paying = {
  status: 'failed',
  reason: 'agreement-inactive',
  retry: 'new-id',
  evidence: 'signed',
};

/** What must be known before an order can be written; a finding where it is decided by that. */
async function draftFor(room: PaymentRoom, request: PayRequest, call: Call) {
  const { wire, settings } = room;
  const drafting = { settings, startedAt: call.ref.startedAt };
  if (request.scene === 'agreement' && settings.agreements === 'collection') {
    const bindId = await lookUpMandate(room, request.agreement, beforehand(call));
    return bindId === undefined ? undefined : { ...drafting, bindId };
  }
  if (request.scene === 'agreement') {
    const token = await lookUpToken(room, request.agreement, beforehand(call));
    return token === undefined ? undefined : { ...drafting, token };
  }
  return needsHider(request) ? { ...drafting, hider: await wire.hider(call) } : drafting;
}

/**
 * Quirk: nothing documents whether UnionPay looks for the order before it looks for what the order is
 * charged by. One that was paid before its agreement ended may be turned down like one that never was:
 * what became of it is asked.
 */
async function unlessPaidBefore(
  room: PaymentRoom,
  turnedDown: Paying,
  call: Call<'payment'>,
): Promise<Paying> {
  const found = await followUp(() => askPayment(room, call.ref, beforehand(call)));
  const isAbsent = found.status === 'unknown' && found.doubt === 'not-found';
  return isAbsent ? turnedDown : found;
}

const isInactive = (finding: Paying): boolean =>
  finding.status === 'failed' && finding.reason === 'agreement-inactive';

async function pay(room: PaymentRoom, request: PayRequest, call: Call<'payment'>): Promise<Paying> {
  const finding = await placeOrder(room, request, call);
  const isCharge = request.scene === 'agreement';
  return isCharge && isInactive(finding) ? unlessPaidBefore(room, finding, call) : finding;
}

async function placeOrder(
  room: PaymentRoom,
  request: PayRequest,
  call: Call<'payment'>,
): Promise<Paying> {
  const drafting = await draftFor(room, request, call);
  if (drafting === undefined) return inactive;
  const drafted = toPay(request, drafting);
  const { exchange, expiresAt } = drafted;
  if (exchange.transaction.endpoint !== 'front') {
    return fromPay(request, drafted, await room.wire.call(exchange, call));
  }
  const nextAction = formAction(await room.wire.handOver(exchange));
  await call.prepared(exchange.handle);
  return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, evidence: 'none' };
}

/** The factor that the order itself needs: the card's number again, or the agreement's token. */
function instrumentFields(
  { card }: ConfirmPayRequest,
  { token }: { readonly token?: string | undefined },
  { settings, hider }: { settings: Settings; hider: Hider },
) {
  if (token !== undefined) return { tokenPayData: tokenPayData(token, settings) };
  if (card === undefined) throw wrong('card', 'is required: its number goes with the code again');
  return {
    accNo: hider.hide(cardNumber('card.number', card.number, settings.environment)),
    encryptCertId: hider.certId,
  };
}

/** Pure but for what hides: an order with the code that was sent for it. */
export function toConfirmPay(
  request: ConfirmPayRequest,
  { settings, hider }: { readonly settings: Settings; readonly hider: Hider },
): Exchange {
  const { payment, otp } = request;
  const handle = readOrderHandle(payment);
  if (handle?.awaiting === undefined) {
    const message = 'No code was asked for with this payment';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'payment' });
  }
  const { product, awaiting } = handle;
  const { encoding } = settings;
  return {
    transaction: products[product],
    // Quirk: the same number and time as the code's: it is good for no other order (§9.5).
    order: { id: payment.merchantId, startedAt: payment.startedAt },
    fields: {
      txnAmt: fenText(amountOf(payment)),
      currencyCode,
      backUrl: addressOf('notifyUrl', awaiting.notifyUrl, settings),
      orderDesc: awaiting.description,
      reqReserved: awaiting.attachment,
      ...instrumentFields(request, awaiting, { settings, hider }),
      customerInfo: customerInfo({ otp }, { hider, encoding, member: 'card' }),
    },
    handle: orderHandle({ product }),
  };
}

/** Stands in where nothing is hidden. */
const noHider: Hider = {
  certId: '',
  hide: () => {
    throw new TypeError('There is nothing to hide here');
  },
};

async function confirmPay(
  room: PaymentRoom,
  request: ConfirmPayRequest,
  call: Call<'payment'>,
): Promise<Paying> {
  const { wire, settings } = room;
  const hasCard = readOrderHandle(request.payment)?.awaiting?.token === undefined;
  const wanted = hasCard && request.card !== undefined;
  const hider = wanted ? await wire.hider(call) : noHider;
  const exchange = toConfirmPay(request, { settings, hider });
  const message = await wire.call(exchange, call);
  if (isAccepted(message)) {
    return { ...acceptedFinding(message), channelId: queryIdOf(message) };
  }
  const finding: Paying = fromRejection(exchange.transaction, message);
  return !hasCard && isInactive(finding) ? unlessPaidBefore(room, finding, call) : finding;
}

/** The verbs of this file, strung on the wire. */
export const paymentVerbs = (room: PaymentRoom) => ({
  pay: (request: PayRequest, call: Call<'payment'>) => pay(room, request, call),
  confirmPay: (request: ConfirmPayRequest, call: Call<'payment'>) =>
    confirmPay(room, request, call),
  query: (payment: Ref<'payment'>, call: Call<'payment'>) => askPayment(room, payment, call),
});
