/** alipay simulator · payer: the thumb that pays, signs, lets money be held, declines, or leaves. */
import { createThumb, type Payer } from '@polyrail/simulator';
import type { Agreement } from './agreement-book.ts';
import { agreementConcern } from './agreement-concern.ts';
import type { Authorization } from './authorization-book.ts';
import { authorizationConcern } from './authorization-concern.ts';
import type { Concern } from './concern.ts';
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

export const createPayer = (room: Room): Payer =>
  createThumb({
    find: (id, { appId }) =>
      merchantsFor(room, appId).flatMap((merchant) => concernsOf(merchant, id, room)),
    rule:
      'the number of an order, a freeze or a transfer made here, or of a page order or agreement ' +
      'whose page was opened',
  });
