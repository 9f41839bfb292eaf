/** alipay simulator · notification: tells merchants what became of a trade, on the real ladder. */

import type { Charset } from '@polyrail/simulator';
import { yuan } from './fields.ts';
import { type Change, type Order, refundedOf } from './order.ts';
import { filled, type PushStyle, type Told, tell } from './push.ts';
import type { Room } from './room.ts';
import { notificationText } from './seal.ts';
import { compactDay, hourMs, minuteMs, timeText, timeTextMs } from './time.ts';

/** The operation name under which trade notifications stand in journal and fault rules. */
export const notificationOperation = 'trade_status_sync';

/** Gaps between the eight deliveries: 24 hours and 24 minutes in all. */
export const notificationLadderMs: readonly number[] = [
  4 * minuteMs,
  10 * minuteMs,
  10 * minuteMs,
  hourMs,
  2 * hourMs,
  6 * hourMs,
  15 * hourMs,
];

export const charsetNames: Readonly<Record<Charset, string>> = { 'utf-8': 'utf-8', gbk: 'GBK' };

/** A notification: its own members beside those of the event, signed without `sign_type`. */
const notificationStyle: PushStyle = {
  wrap: ({ operation, notifyId, voice, merchant }, members, at) => ({
    notify_time: timeText(at),
    notify_type: operation,
    notify_id: notifyId,
    charset: charsetNames[voice.charset],
    version: '1.0',
    sign_type: voice.signType,
    app_id: merchant.appId,
    auth_app_id: merchant.authAppId,
    ...members,
  }),
  textOf: notificationText,
  ladderMs: notificationLadderMs,
};

type Event = Omit<Told, 'style' | 'notifyId'>;

/** Sends one notification; its number stays the same on every repetition. */
export function notify(event: Event, room: Room): void {
  const { clock, random } = room.world;
  const notifyId = compactDay(clock.now()) + random.fork('notify_id').digits(26);
  tell({ ...event, notifyId, style: notificationStyle }, room);
}

function paidMembers({ terms, paidAt }: Order) {
  if (paidAt === undefined) return {};
  const amount = yuan(terms.total);
  return {
    gmt_payment: timeText(paidAt),
    receipt_amount: amount,
    invoice_amount: amount,
    buyer_pay_amount: amount,
    point_amount: '0.00',
    // Quirk: camel case here, snake case in answers.
    fund_bill_list: JSON.stringify([{ amount, fundChannel: 'ALIPAYACCOUNT' }]),
  };
}

function refundMembers(order: Order, change: Change) {
  const refund = order.refunds.at(-1);
  if (refund === undefined) return {};
  // The end of the refund window is no refund: only the sum is told.
  if (change === 'finished') return { refund_fee: yuan(refundedOf(order)) };
  return {
    gmt_refund: timeTextMs(refund.at),
    refund_fee: yuan(refundedOf(order)),
    send_back_fee: yuan(refund.amount),
    out_biz_no: refund.cancelled ? undefined : refund.outRequestNo,
  };
}

function tradeMembers(order: Order, change: Change) {
  const { merchant, terms, payer, closedAt } = order;
  return filled({
    trade_no: order.tradeNo,
    out_trade_no: terms.outTradeNo,
    buyer_id: payer.userId,
    buyer_logon_id: payer.logonId,
    seller_id: merchant.sellerId,
    trade_status: order.state,
    total_amount: yuan(terms.total),
    subject: terms.subject,
    body: terms.body,
    passback_params: terms.passbackParams,
    agreement_no: order.agreement?.agreementNo,
    external_agreement_no: order.agreement?.terms.externalAgreementNo,
    gmt_create: timeText(order.tradeCreatedAt ?? order.createdAt),
    gmt_close: closedAt === undefined ? undefined : timeText(closedAt),
    ...paidMembers(order),
    ...refundMembers(order, change),
  });
}

/** Which changes are told: closing an open trade only where the merchant's product does. */
function isTold(order: Order, change: Change, room: Room): boolean {
  if (change !== 'closed' || order.paidAt !== undefined) return true;
  const byMerchant = order.endedBy === 'close' || order.endedBy === 'cancel';
  return !byMerchant || room.options.tradeCloseNotifies !== false;
}

/** Sends the notification of a change, if the order named an address for it. */
export function notifyChange(order: Order, change: Change, room: Room): void {
  const { terms, merchant } = order;
  const url = (change === 'closed' ? order.closeNotifyUrl : undefined) ?? terms.notifyUrl;
  if (url === undefined || !isTold(order, change, room)) return;
  const event: Event = {
    operation: notificationOperation,
    id: terms.outTradeNo,
    url,
    merchant,
    voice: terms,
    members: tradeMembers(order, change),
    amountName: 'total_amount',
    numberName: 'out_trade_no',
    forgery: {
      trade_status: 'TRADE_SUCCESS',
      gmt_payment: timeText(room.world.clock.now()),
    },
  };
  notify(event, room);
}
