/** alipay simulator · payer: the thumb that pays, signs, lets money be held, declines, or leaves. */
import { type Payer, problem } from '@polyrail/simulator';
import type { Agreement } from './agreement-book.ts';
import { agreementConcern } from './agreement-concern.ts';
import type { Authorization } from './authorization-book.ts';
import { authorizationConcern } from './authorization-concern.ts';
import { type Concern, stuck } from './concern.ts';
import { everyMerchant, type Merchant } from './merchants.ts';
import type { Order } from './order.ts';
import { orderConcern } from './order-concern.ts';
import type { Payout } from './payout-book.ts';
import { payoutConcern } from './payout-concern.ts';
import type { Room } from './room.ts';

/**
 * The named app and those for whom it acts, or every merchant; the first merchant first.
 */
export const merchantsFor = (room: Room, appId?: unknown): readonly Merchant[] =>
  everyMerchant(room.merchants).filter(
    (one) => appId === undefined || one.appId === appId || one.authAppId === appId,
  );

export const ordersFor = (room: Room, id: string, appId?: unknown): readonly Order[] =>
  merchantsFor(room, appId).flatMap((merchant) => room.book.find(merchant, id) ?? []);

const agreementOf = (merchant: Merchant, id: string, { agreements }: Room) =>
  agreements.find(merchant, id) ?? agreements.findNumber(merchant, id);

export const agreementsFor = (room: Room, id: string, appId?: unknown): readonly Agreement[] =>
  merchantsFor(room, appId).flatMap((merchant) => agreementOf(merchant, id, room) ?? []);

const authorizationOf = (merchant: Merchant, id: string, { authorizations }: Room) =>
  authorizations.find(merchant, id) ?? authorizations.findNumber(merchant, id);

export const authorizationsFor = (
  room: Room,
  id: string,
  appId?: unknown,
): readonly Authorization[] =>
  merchantsFor(room, appId).flatMap((merchant) => authorizationOf(merchant, id, room) ?? []);

const payoutsOf = (merchant: Merchant, id: string, { payouts }: Room): readonly Payout[] => {
  const named = payouts.findNumber(merchant, id);
  return named === undefined ? payouts.find(merchant, id) : [named];
};

export const payoutsFor = (room: Room, id: string, appId?: unknown): readonly Payout[] =>
  merchantsFor(room, appId).flatMap((merchant) => payoutsOf(merchant, id, room));

/** Whatever a merchant has under that number. */
function concernsOf(merchant: Merchant, id: string, room: Room): readonly Concern[] {
  const order = room.book.find(merchant, id);
  const agreement = agreementOf(merchant, id, room);
  const authorization = authorizationOf(merchant, id, room);
  return [
    ...(order === undefined ? [] : [orderConcern(order, room)]),
    ...(authorization === undefined ? [] : [authorizationConcern(authorization, room)]),
    ...(agreement === undefined ? [] : [agreementConcern(agreement, room)]),
    ...payoutsOf(merchant, id, room).map((payout) => payoutConcern(payout, room)),
  ];
}

/** What a cashier link or a scanned QR text names. */
export function concernOfTicket(ticket: string, room: Room): Concern | undefined {
  const order = room.book.findTicket(ticket);
  if (order !== undefined) return orderConcern(order, room);
  const authorization = room.authorizations.findTicket(ticket);
  if (authorization !== undefined) return authorizationConcern(authorization, room);
  const agreement = room.agreements.findTicket(ticket);
  return agreement && agreementConcern(agreement, room);
}

function requireConcern(room: Room, id: string, appId?: unknown): Concern {
  const all = merchantsFor(room, appId).flatMap((merchant) => concernsOf(merchant, id, room));
  const concern = all.find((one) => one.isOpen()) ?? all[0];
  if (concern !== undefined) return concern;
  const rule =
    'the number of an order, a freeze or a transfer made here, or of a page order or agreement ' +
    'whose page was opened';
  const message = `No order has the number ${JSON.stringify(id)}.`;
  throw problem({ field: 'id', rule, message, status: 404 });
}

/** Fen as a number, or yuan as a text with a point. */
function checkAmount({ amount: asked }: Concern, amount: unknown): void {
  if (amount === undefined || amount === '' || asked === undefined) return;
  const text = String(amount);
  const fen = text.includes('.') ? Math.round(Number(text) * 100) : Number(text);
  if (fen === asked) return;
  const rule = `${asked} fen, or nothing: a payer pays what was asked`;
  const message = 'The amount is not that of the order.';
  throw problem({ field: 'amount', rule, message, status: 409 });
}

export function createPayer(room: Room): Payer {
  return {
    async approve(id, options = {}) {
      const concern = requireConcern(room, id, options['appId']);
      checkAmount(concern, options['amount']);
      // Pressing twice pays once.
      if (!concern.isAgreed()) concern.approve();
      return concern.truth();
    },
    async decline(id, options = {}) {
      const concern = requireConcern(room, id, options['appId']);
      concern.decline();
      return concern.truth();
    },
    async abandon(id) {
      const concern = requireConcern(room, id);
      if (!concern.isOpen()) throw stuck(concern, 'abandoned');
      concern.look();
      return concern.truth();
    },
  };
}
