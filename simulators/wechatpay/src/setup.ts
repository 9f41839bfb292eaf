/** wechatpay simulator · setup: a room with its books, empty, and emptied again. */

import type { World } from '@polyrail/simulator';
import { createNotices } from '@polyrail/simulator';
import { createAgreementBook } from './agreement-book.ts';
import { createBook } from './book.ts';
import { createFunds } from './funds.ts';
import { createLimits } from './limits.ts';
import { createPayers, createPlatform, type Merchant } from './merchants.ts';
import { tellAgreement, tellOrder, tellPayout, tellRefund } from './news.ts';
import type { Order } from './order.ts';
import { createPayoutBook } from './payout-book.ts';
import type { Room, WechatPayOptions } from './room.ts';
import { createScoreBook } from './score-book.ts';
import { dayMs } from './time.ts';

const usualBalance = 100_000_000;

/** What a payment means elsewhere, and who is told. */
function orderPaid(order: Order, room: Room): void {
  const { contractId } = order.terms;
  const agreement =
    contractId === undefined ? undefined : room.agreements.findId(order.merchant, contractId);
  if (agreement !== undefined) agreement.charges += 1;
  const signing = room.signedBy.get(order);
  if (signing?.state === 'SIGNING') room.agreements.sign(signing);
  tellOrder(order, room);
}

export async function createRoom(world: World, options: WechatPayOptions): Promise<Room> {
  const platform = await createPlatform(world, options);
  // The second one has never had a certificate of the platform.
  const merchants: readonly Merchant[] = [
    await platform.admit(options.keys ?? 'both'),
    await platform.admit('public-key'),
  ];
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
    probed: new Set(),
    signedBy: new WeakMap(),
    limits: createLimits(clock),
    notices: createNotices((work) => clock.hold(work)),
    funds,
    book: createBook({
      clock,
      random,
      funds,
      pickPayer,
      onPaid: (order) => orderPaid(order, room),
      onFailed: (order) => tellOrder(order, room),
      onRefund: (order, refund) => tellRefund(order, refund, room),
    }),
    payouts: createPayoutBook({
      clock,
      random,
      funds,
      lifeMs: options.transferLifeMs ?? dayMs,
      onEnd: (payout) => tellPayout(payout, room),
    }),
    scores: createScoreBook({ clock, random, pickPayer }),
    agreements: createAgreementBook({
      clock,
      random,
      pickPayer,
      onChange: (agreement, change) => tellAgreement(agreement, change, room),
    }),
  };
  return room;
}

/** Forgets whatever happened; keys and merchants stay. */
export function clearRoom(room: Room): void {
  room.book.clear();
  room.payouts.clear();
  room.agreements.clear();
  room.scores.clear();
  room.funds.clear();
  room.settled.clear();
  room.downloads.clear();
  room.probed.clear();
  room.platform.reset();
}
