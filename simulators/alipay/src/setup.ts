/** alipay simulator · setup: a room with its books, empty, and emptied again. */

import type { World } from '@polyrail/simulator';
import { createNotices } from '@polyrail/simulator';
import { createAgreementBook } from './agreement-book.ts';
import { notifyAgreement } from './agreement-concern.ts';
import { createAuthorizationBook } from './authorization-book.ts';
import { notifyAuthorization } from './authorization-concern.ts';
import { createBook } from './book.ts';
import { createFunds } from './funds.ts';
import { createPayers, createPlatform, type Merchant } from './merchants.ts';
import { notifyChange } from './notification.ts';
import type { Change, Order } from './order.ts';
import { createPayoutBook } from './payout-book.ts';
import { notifyPayout } from './payout-concern.ts';
import type { AlipayOptions, Room } from './room.ts';
import { dayMs } from './time.ts';

const usualBalance = 100_000_000;

/** What a change of an order means elsewhere, and who is told. */
function orderChanged(order: Order, change: Change, room: Room): void {
  const { agreement, terms } = order;
  if (change === 'paid' && agreement !== undefined) {
    room.agreements.charged(agreement, { outTradeNo: terms.outTradeNo, amount: terms.total });
  }
  notifyChange(order, change, room);
}

export async function createRoom(world: World, options: AlipayOptions): Promise<Room> {
  const platform = await createPlatform(world, options);
  const merchants: Merchant[] = [await platform.admit()];
  const { clock, random } = world;
  const openingBalance = options.openingBalance ?? usualBalance;
  const { clearing } = options;
  const funds = createFunds({ clock, random, openingBalance, clearing });
  const pickPayer = createPayers(random);
  const room: Room = {
    world,
    options,
    platform,
    merchants,
    settled: new Set(),
    downloads: new Map(),
    notices: createNotices((work) => clock.hold(work)),
    appGateways: new Map(),
    funds,
    book: createBook({
      clock,
      random,
      funds,
      pickPayer,
      refundWindowMs: options.refundWindowMs ?? 365 * dayMs,
      onChange: (order, change) => orderChanged(order, change, room),
    }),
    authorizationChanged: (authorization, changed) =>
      notifyAuthorization(authorization, changed, room),
    authorizations: createAuthorizationBook({
      clock,
      random,
      funds,
      pickPayer,
      lifeMs: options.authorizationLifeMs ?? 360 * dayMs,
      onChange: (authorization, changed) => room.authorizationChanged(authorization, changed),
    }),
    payouts: createPayoutBook({
      clock,
      random,
      funds,
      onChange: (payout) => notifyPayout(payout, room),
    }),
    agreements: createAgreementBook({
      clock,
      random,
      pickPayer,
      onChange: (agreement, change, url) => notifyAgreement(agreement, change, { room, url }),
    }),
  };
  return room;
}

/** Forgets whatever happened; keys, apps and their gateways stay. */
export function clearRoom(room: Room): void {
  room.book.clear();
  room.agreements.clear();
  room.authorizations.clear();
  room.payouts.clear();
  room.funds.clear();
  room.settled.clear();
  room.downloads.clear();
  room.platform.reset();
}
