/** wechatpay simulator · news: which events are told, in which protocol, and to whom. */
import type { Agreement, AgreementChange } from './agreement-book.ts';
import type { Merchant } from './merchants.ts';
import type { Order, Refund } from './order.ts';
import type { Payout } from './payout-book.ts';
import type { Room } from './room.ts';
import { isoTime } from './time.ts';
import { tellV2Agreement, tellV2Order, tellV2Refund } from './v2-notification.ts';
import { contractOf } from './v3-contracts.ts';
import { tellV3, transferLadderMs, type V3News } from './v3-notification.ts';
import { transactionOf } from './v3-orders.ts';
import { refundNews } from './v3-refunds.ts';
import { transferNews } from './v3-transfers.ts';
import type { Voice } from './voice.ts';

type Event = Omit<V3News, 'signer' | 'serial'>;

/** Tells a v3 event to whoever signs for a merchant. */
export function tell(event: Event, about: { merchant: Merchant; voice: Voice }, room: Room): void {
  const { merchant, voice } = about;
  const serial = voice.protocol === 'v3' ? voice.serial : undefined;
  tellV3({ ...event, signer: merchant.signer, serial }, room);
}

const paidForgery = (at: number): object => ({
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  success_time: isoTime(at),
});

/** An order was paid, or a deduction has failed. Quirk: of a barcode nothing is told. */
export function tellOrder(order: Order, room: Room): void {
  const { terms, voice, state } = order;
  if (terms.notifyUrl === undefined || terms.tradeType === 'MICROPAY') return;
  if (voice.protocol === 'v2') {
    tellV2Order(order, terms.notifyUrl, room);
    return;
  }
  const paid = state === 'SUCCESS';
  const event: Event = {
    eventType: paid ? 'TRANSACTION.SUCCESS' : 'TRANSACTION.FAIL',
    originalType: 'transaction',
    summary: paid ? '支付成功' : '支付失败',
    resource: transactionOf(order),
    forgery: paidForgery(room.world.clock.now()),
    id: terms.outTradeNo,
    url: terms.notifyUrl,
  };
  tell(event, order, room);
}

const refundSummaries = { SUCCESS: '退款成功', ABNORMAL: '退款异常', CLOSED: '退款关闭' } as const;

/** A refund has come to an end. */
export function tellRefund(order: Order, refund: Refund, room: Room): void {
  const { notifyUrl, state, voice } = refund;
  if (notifyUrl === undefined || refund.reversal || state === 'PROCESSING') return;
  const subject = { operation: `REFUND.${state}`, id: order.terms.outTradeNo };
  // Quirk: where the portal's address is one of v2, refunds of v3 are told in XML as well.
  const inXml = room.world.faults.take('refund-told-in-xml', subject) !== undefined;
  if (voice.protocol === 'v2' || inXml) {
    tellV2Refund({ order, refund }, notifyUrl, room);
    return;
  }
  const event: Event = {
    eventType: `REFUND.${state}`,
    originalType: 'refund',
    summary: refundSummaries[state],
    resource: refundNews({ order, refund }),
    forgery: { refund_status: 'SUCCESS' },
    id: order.terms.outTradeNo,
    url: notifyUrl,
  };
  tell(event, { merchant: order.merchant, voice }, room);
}

/** A transfer has come to an end. Quirk: those of v2 are not told. */
export function tellPayout(payout: Payout, room: Room): void {
  const { terms, merchant, voice } = payout;
  if (terms.notifyUrl === undefined || voice.protocol === 'v2') return;
  const event: Event = {
    eventType: 'MCHTRANSFER.BILL.FINISHED',
    originalType: 'mch_payment',
    summary: '商家转账单据终态通知',
    resource: transferNews(payout),
    forgery: { state: 'SUCCESS' },
    id: terms.outBillNo,
    url: terms.notifyUrl,
    ladderMs: transferLadderMs,
  };
  tell(event, { merchant, voice }, room);
}

/** A contract was signed, or has ended. */
export function tellAgreement(agreement: Agreement, change: AgreementChange, room: Room): void {
  const { terms, merchant, voice } = agreement;
  if (terms.notifyUrl === undefined) return;
  if (voice.protocol === 'v2') {
    tellV2Agreement(agreement, terms.notifyUrl, room);
    return;
  }
  const event: Event = {
    eventType: change === 'signed' ? 'ENTRUST.SIGN' : 'ENTRUST.TERMINATE',
    originalType: 'entrust',
    summary: change === 'signed' ? '签约成功' : '解约成功',
    resource: contractOf(agreement),
    forgery: { contract_state: 'SIGNED' },
    id: terms.contractCode,
    url: terms.notifyUrl,
  };
  tell(event, { merchant, voice }, room);
}
