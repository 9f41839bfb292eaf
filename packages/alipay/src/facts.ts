/** alipay · facts: what each kind of push tells, as ordinary nouns (dossier §15). */
import { type FactFinding, type Finding, type Instant, PolyrailError } from '@polyrail/core';
import { fromStatus } from './agreement.ts';
import { operationStateOf } from './authorization-codes.ts';
import { cancellationHandle, payoutHandle, tradeHandle } from './handle.ts';
import {
  type Message,
  momentOf,
  requiredText,
  requiredYuan,
  requireEcho,
  textOf,
  yuanOf,
} from './messages.ts';
import { fromPayoutStatus } from './payout.ts';
import { payoutStateOf } from './payout-codes.ts';
import { fromTrade } from './trade.ts';

export type Facts = readonly [FactFinding, ...FactFinding[]];

/** Reads one kind of push; `now` is when it was sent. */
export type ReadFacts = (told: Message, now: Instant) => Facts;

/** Something is known to have happened, but not of how much: the noun's query tells the rest. */
const toBeAsked = { status: 'pending', waitingFor: 'channel', pollAfterMs: 0 } as const;

/**
 * Pure: what a trade notification tells - always the trade as a payment, a capture or a deduction
 * included, and the refund it was sent for.
 *
 * Quirk: `refund_fee` is the sum over all refunds of the trade, so that the amount of this one is
 * not told. The refund is reported `pending`: its query tells the rest.
 */
const fromTradePush: ReadFacts = (fields) => {
  const payment = { noun: 'payment', ...fromTrade(fields, { paidAt: 'gmt_payment' }) } as const;
  const refundId = textOf(fields, 'out_biz_no');
  const refunded = yuanOf(fields, 'refund_fee')?.amount ?? 0;
  if (refundId === undefined || refunded === 0) return [payment];
  const refund = {
    noun: 'refund',
    ...toBeAsked,
    merchantId: refundId,
    handle: tradeHandle(requiredText(fields, 'out_trade_no')),
    evidence: 'signed',
    raw: fields,
  } as const;
  return [payment, refund];
};

/** The order an authorization's push is about, and the sums over all that happened to it. */
function holdOf(fields: Message) {
  return {
    noun: 'authorization',
    evidence: 'signed',
    raw: fields,
    merchantId: requiredText(fields, 'out_order_no'),
    channelId: textOf(fields, 'auth_no'),
    remaining: yuanOf(fields, 'rest_amount'),
    captured: yuanOf(fields, 'total_pay_amount'),
    released: yuanOf(fields, 'total_unfreeze_amount'),
  } as const;
}

const orderClosed = { status: 'failed', reason: 'order-closed', retry: 'new-id' } as const;

const undocumented = (channelCode: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', 'The push has an undocumented status', { channelCode });

/** Pure: money was frozen; or an order for it began, or ended unpaid. */
const fromFreezePush: ReadFacts = (fields) => {
  requireEcho(fields, 'operation_type', 'FREEZE');
  const amount = requiredYuan(fields, 'amount');
  const status = requiredText(fields, 'status');
  switch (operationStateOf(status)) {
    case 'open':
      return [{ ...holdOf(fields), status: 'pending', waitingFor: 'payer', amount }];
    case 'done':
      return [{ ...holdOf(fields), status: 'succeeded', amount }];
    case 'closed':
      return [{ ...holdOf(fields), ...orderClosed, amount }];
    default:
      throw undocumented(status);
  }
};

/** Pure: money was given free, by the merchant's call or at the end of the hold. */
const fromUnfreezePush: ReadFacts = (fields) => {
  requireEcho(fields, 'operation_type', 'UNFREEZE');
  const order = requiredText(fields, 'out_order_no');
  const status = requiredText(fields, 'status');
  if (operationStateOf(status) !== 'done') throw undocumented(status);
  const release = {
    noun: 'cancellation',
    status: 'succeeded',
    effect: 'released',
    amount: requiredYuan(fields, 'amount'),
    evidence: 'signed',
    raw: fields,
    merchantId: requiredText(fields, 'out_request_no'),
    channelId: textOf(fields, 'operation_id'),
    handle: cancellationHandle({ kind: 'release', order }),
  } as const;
  // Without the sum that was frozen nothing can be said about the whole.
  const frozen = yuanOf(fields, 'total_freeze_amount');
  if (frozen === undefined || frozen.amount === 0) return [release];
  return [release, { ...holdOf(fields), status: 'succeeded', amount: frozen }];
};

/**
 * Pure: an authorization was undone as a whole.
 *
 * Quirk: undoing has no id of its own; the cancellation is named as `reverse` names it.
 */
const fromUndoPush: ReadFacts = (fields) => {
  const order = requiredText(fields, 'out_order_no');
  const amount = requiredYuan(fields, 'amount');
  const cancellation = {
    noun: 'cancellation',
    status: 'succeeded',
    evidence: 'signed',
    raw: fields,
    merchantId: order,
    channelId: textOf(fields, 'operation_id'),
    handle: cancellationHandle({ kind: 'undo', order }),
  } as const;
  const action = requiredText(fields, 'action');
  switch (action) {
    case 'close':
      return [
        { ...holdOf(fields), status: 'failed', reason: 'cancelled', retry: 'new-id', amount },
        { ...cancellation, effect: 'closed' },
      ];
    case 'unfreeze':
      return [
        { ...holdOf(fields), status: 'succeeded', amount },
        { ...cancellation, effect: 'released', amount },
      ];
    default:
      throw undocumented(action);
  }
};

/** Pure: a payer signed, or an agreement ended. Only with an id of the merchant's it is one's own. */
const fromAgreementPush: ReadFacts = (fields) => [
  { noun: 'agreement', ...fromStatus(fields, requiredText(fields, 'external_agreement_no')) },
];

/** What each `notify_type` tells (§15.3, §15.5, §15.6). */
export const notifications: Readonly<Record<string, ReadFacts>> = {
  trade_status_sync: fromTradePush,
  fund_auth_freeze: fromFreezePush,
  'fund_auth_freeze.init': fromFreezePush,
  'fund_auth_freeze.closed': fromFreezePush,
  fund_auth_unfreeze: fromUnfreezePush,
  fund_auth_operation_cancel: fromUndoPush,
  dut_user_sign: fromAgreementPush,
  dut_user_unsign: fromAgreementPush,
};

/**
 * Pure: what of a refund went back to a bank card.
 *
 * Quirk: the amount is only that of the card's part, and a part that the bank did not take (`F`) went
 * to the payer's balance instead: the money is back with the payer either way. The refund is
 * reported `pending`: its query tells the rest.
 */
const fromDepositBack: ReadFacts = (told) => {
  const status = requiredText(told, 'dback_status');
  if (status !== 'S' && status !== 'F') throw undocumented(status);
  const arrivedAt = status === 'S' ? momentOf(told, 'bank_ack_time') : undefined;
  const refund = {
    noun: 'refund',
    ...toBeAsked,
    arrivedAt,
    merchantId: requiredText(told, 'out_request_no'),
    handle: tradeHandle(requiredText(told, 'out_trade_no')),
    evidence: 'signed',
    raw: told,
  } as const;
  return [refund];
};

/**
 * Pure: a transfer changed.
 *
 * Quirk: the members of this message are not sourced (dossier §13.2, §20). Those of the query are
 * looked for; where they do not tell how much was moved, the payout is reported `pending`.
 */
const fromTransferChanged: ReadFacts = (told, now) => {
  const productCode = textOf(told, 'product_code');
  const bizScene = textOf(told, 'biz_scene');
  const known = productCode !== undefined && bizScene !== undefined;
  const handle = known ? payoutHandle({ productCode, bizScene }) : undefined;
  const amount = yuanOf(told, 'trans_amount') ?? yuanOf(told, 'amount');
  const state = payoutStateOf(requiredText(told, 'status'));
  if (amount === undefined && (state === 'done' || state === 'returned')) {
    const merchantId = requiredText(told, 'out_biz_no');
    const channelId = textOf(told, 'order_id');
    const envelope = { evidence: 'signed', raw: told, merchantId, channelId, handle } as const;
    return [{ noun: 'payout', ...toBeAsked, ...envelope }];
  }
  const arrivedAt = momentOf(told, 'pay_date');
  const payout: Finding<'payout'> = fromPayoutStatus(told, { amount, arrivedAt, now });
  return [{ noun: 'payout', ...payout, handle }];
};

/** What each `msg_method` of the message service tells (§15.7). */
export const messages: Readonly<Record<string, ReadFacts>> = {
  'alipay.trade.refund.depositback.completed': fromDepositBack,
  'alipay.fund.trans.order.changed': fromTransferChanged,
};
