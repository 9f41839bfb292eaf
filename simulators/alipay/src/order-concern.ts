/** alipay simulator · order concern: an order as its payer meets it. */
import { stuck } from '@polyrail/simulator';
import { returnAddress } from './browser-return.ts';
import type { Concern } from './concern.ts';
import { yuan } from './fields.ts';
import { isOpen, type Order } from './order.ts';
import type { Room } from './room.ts';

const verdicts = {
  UNSCANNED: 'waiting for you',
  WAIT_BUYER_PAY: 'waiting for you',
  VOID: 'This code is no longer valid.',
  TRADE_SUCCESS: 'Paid.',
  TRADE_FINISHED: 'Paid and finished.',
  TRADE_CLOSED: 'This order is closed.',
} as const;

function faceOf({ terms, merchant, payer, state }: Order) {
  return {
    title: `Pay ¥${yuan(terms.total)}`,
    amount: terms.total,
    rows: [
      ['Merchant', merchant.sellerId],
      ['For', terms.subject],
      ['Order', terms.outTradeNo],
      ['Payer', payer.logonId],
    ],
    yes: `Pay ¥${yuan(terms.total)}`,
    verdict: verdicts[state],
    good: state === 'TRADE_SUCCESS' || state === 'TRADE_FINISHED',
  } as const;
}

/** Quirk: the way back carries no status, so it proves nothing. */
function backOf({ terms, merchant, tradeNo }: Order, room: Room): string | undefined {
  if (terms.returnUrl === undefined) return undefined;
  const members = {
    out_trade_no: terms.outTradeNo,
    seller_id: merchant.sellerId,
    total_amount: yuan(terms.total),
    trade_no: tradeNo,
  };
  const method = `alipay.trade.${terms.product}.pay.return`;
  return returnAddress({ url: terms.returnUrl, method, merchant, voice: terms, members }, room);
}

function phoneOf({ terms, merchant, tradeNo, paidAt }: Order) {
  if (paidAt === undefined) return undefined;
  const node = {
    total_amount: yuan(terms.total),
    trade_no: tradeNo,
    seller_id: merchant.sellerId,
    out_trade_no: terms.outTradeNo,
  };
  return { member: 'alipay_trade_app_pay_response', node };
}

export function orderConcern(order: Order, room: Room): Concern {
  const { book } = room;
  const concern: Concern = {
    noun: 'order',
    merchant: order.merchant,
    id: order.terms.outTradeNo,
    ticket: order.ticket,
    amount: order.terms.total,
    state: () => order.state,
    isOpen: () => isOpen(order),
    isAgreed: () => order.state === 'TRADE_SUCCESS',
    look: () => book.scan(order),
    approve() {
      if (!isOpen(order)) throw stuck(concern, 'paid');
      book.pay(order);
    },
    decline() {
      if (!isOpen(order)) throw stuck(concern, 'declined');
      book.scan(order);
      book.close(order, 'payer');
    },
    truth: () => book.truth(order),
    face: () => faceOf(order),
    back: () => backOf(order, room),
    phone: () => phoneOf(order),
  };
  return concern;
}
