/** wechatpay simulator · order concern: an order as its payer meets it. */
import { stuck } from '@polyrail/simulator';
import type { Concern } from './concern.ts';
import { isOpen, isPaid, type Order, truthOf } from './order.ts';
import type { Room } from './room.ts';

export function orderConcern(order: Order, { book }: Room): Concern {
  const concern: Concern = {
    noun: 'order',
    merchant: order.merchant,
    id: order.terms.outTradeNo,
    title: order.terms.description,
    ticket: order.prepayId,
    amount: order.terms.total,
    state: () => order.state,
    isOpen: () => isOpen(order),
    isAgreed: () => isPaid(order),
    approve() {
      if (!isOpen(order) && order.state !== 'ACCEPT') throw stuck(concern, 'paid');
      book.pay(order);
    },
    decline() {
      if (!isOpen(order) && order.state !== 'ACCEPT') throw stuck(concern, 'declined');
      book.end(order, order.state === 'ACCEPT' ? 'PAY_FAIL' : 'PAYERROR');
    },
    truth: () => truthOf(order),
  };
  return concern;
}
