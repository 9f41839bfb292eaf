/** reference site · payer: the thumb that pays, declines, or walks away. */
import { type Payer, problem } from '@polyrail/simulator';
import type { Order } from './book.ts';
import { flush } from './notification.ts';
import { pay } from './payment.ts';
import type { Room } from './room.ts';

/** An order of that id: the first merchant's, or the only one's, or that of `merchantId`. */
function orderOf(room: Room, id: string, merchantId: unknown): Order {
  const { first } = room.merchants;
  const orders = room.book.all().filter(({ terms }) => terms.paymentId === id);
  const wanted = merchantId ?? first.merchantId;
  const own = orders.find((order) => order.merchantId === wanted);
  const order = own ?? (merchantId === undefined ? orders[0] : undefined);
  if (order !== undefined) return order;
  throw problem({ field: 'id', message: `No order ${JSON.stringify(id)} is here.`, status: 404 });
}

function requireOpen(order: Order): void {
  if (order.state === 'OPEN') return;
  throw problem({ message: `The order is ${order.state} already.`, status: 409 });
}

export const createPayer = (room: Room): Payer => ({
  async approve(id, { merchantId, amount } = {}) {
    const order = orderOf(room, id, merchantId);
    if (amount !== undefined && Number(amount) !== order.terms.amount) {
      const message = 'A payer pays what was asked.';
      throw problem({ field: 'amount', message, status: 409 });
    }
    // Pressing twice pays once.
    if (order.state === 'PAID') return room.book.truth(order);
    requireOpen(order);
    pay(order, room);
    flush(room);
    return room.book.truth(order);
  },
  async decline(id, { merchantId } = {}) {
    const order = orderOf(room, id, merchantId);
    requireOpen(order);
    order.state = 'DECLINED';
    return room.book.truth(order);
  },
  async abandon(id) {
    const order = orderOf(room, id, undefined);
    requireOpen(order);
    return room.book.truth(order);
  },
});
