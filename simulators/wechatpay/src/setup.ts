/** wechatpay simulator · setup: a room with its books, empty, and emptied again. */
import type { World } from '@polyrail/simulator';
import { createBook } from './book.ts';
import { createFunds } from './funds.ts';
import { createLimits } from './limits.ts';
import { createPayers, createPlatform, type Merchant } from './merchants.ts';
import { tellOrder, tellRefund } from './news.ts';
import { createNotices } from './notices.ts';
import type { Room, WechatPayOptions } from './room.ts';

const usualBalance = 100_000_000;

export async function createRoom(world: World, options: WechatPayOptions): Promise<Room> {
  const platform = await createPlatform({ world, shareKeys: options.shareKeys === true });
  // The second one has never had a certificate of the platform.
  const merchants: readonly Merchant[] = [
    await platform.admit(options.keys ?? 'both'),
    await platform.admit('public-key'),
  ];
  const { clock, random } = world;
  const openingBalance = options.openingBalance ?? usualBalance;
  const funds = createFunds({ clock, random, openingBalance });
  const room: Room = {
    world,
    options,
    platform,
    merchants,
    settled: new Set(),
    downloads: new Map(),
    probed: new Set(),
    limits: createLimits(clock),
    notices: createNotices((work) => clock.hold(work)),
    funds,
    book: createBook({
      clock,
      random,
      funds,
      pickPayer: createPayers(random),
      onPaid: (order) => tellOrder(order, room),
      onFailed: (order) => tellOrder(order, room),
      onRefund: (order, refund) => tellRefund(order, refund, room),
    }),
  };
  return room;
}

/** Forgets whatever happened; keys and merchants stay. */
export function clearRoom(room: Room): void {
  room.book.clear();
  room.funds.clear();
  room.settled.clear();
  room.downloads.clear();
  room.probed.clear();
  room.platform.reset();
}
