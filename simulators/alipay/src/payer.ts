/** alipay simulator · payer: the thumb that pays, declines, or scans and walks away. */
import { type Payer, problem } from '@polyrail/simulator';
import { everyMerchant } from './merchants.ts';
import { isOpen, type Order } from './order.ts';
import type { Room } from './room.ts';

/**
 * Orders of that number: of the named app and those for whom it acts, or of every merchant; the
 * first merchant's first.
 */
export function ordersFor(room: Room, id: string, appId?: unknown): readonly Order[] {
  const merchants = everyMerchant(room.merchants).filter(
    (one) => appId === undefined || one.appId === appId || one.authAppId === appId,
  );
  return merchants.flatMap((merchant) => room.book.find(merchant, id) ?? []);
}

function requireOrder(room: Room, id: string, appId?: unknown): Order {
  const orders = ordersFor(room, id, appId);
  const order = orders.find(isOpen) ?? orders[0];
  if (order !== undefined) return order;
  const rule = 'the out_trade_no of an order that was placed here, or a page order once opened';
  const message = `No order has the number ${JSON.stringify(id)}.`;
  throw problem({ field: 'id', rule, message, status: 404 });
}

const stuck = (order: Order, deed: string): Error =>
  problem({
    message: `Order ${order.terms.outTradeNo} is ${order.state}: it cannot be ${deed}.`,
    status: 409,
  });

/** Fen as a number, or yuan as a text with a point. */
function checkAmount(order: Order, amount: unknown): void {
  if (amount === undefined || amount === '') return;
  const text = String(amount);
  const fen = text.includes('.') ? Math.round(Number(text) * 100) : Number(text);
  if (fen === order.terms.total) return;
  const rule = `${order.terms.total} fen, or nothing: a payer pays what was asked`;
  const message = 'The amount is not that of the order.';
  throw problem({ field: 'amount', rule, message, status: 409 });
}

/** Pays an open order; a QR is scanned first. */
export function approve(order: Order, room: Room): void {
  if (!isOpen(order)) throw stuck(order, 'paid');
  room.book.pay(order);
}

/** Declines an open order, which ends it; a QR is scanned first. */
export function decline(order: Order, room: Room): void {
  if (!isOpen(order)) throw stuck(order, 'declined');
  room.book.scan(order);
  room.book.close(order, 'payer');
}

export function createPayer(room: Room): Payer {
  return {
    async approve(id, options = {}) {
      const order = requireOrder(room, id, options['appId']);
      checkAmount(order, options['amount']);
      // Pressing twice pays once.
      if (order.state !== 'TRADE_SUCCESS') approve(order, room);
      return room.book.truth(order);
    },
    async decline(id, options = {}) {
      const order = requireOrder(room, id, options['appId']);
      decline(order, room);
      return room.book.truth(order);
    },
    async abandon(id) {
      const order = requireOrder(room, id);
      if (!isOpen(order)) throw stuck(order, 'abandoned');
      room.book.scan(order);
      return room.book.truth(order);
    },
  };
}
