/** unionpay simulator · setup: a room with its books, empty, and emptied again. */

import type { World } from '@polyrail/simulator';
import { createNotices } from '@polyrail/simulator';
import { createAgreementBook } from './agreement-book.ts';
import { createBook } from './book.ts';
import { createFunds } from './funds.ts';
import { admit } from './merchants.ts';
import { tellEntry, tellOpening } from './news.ts';
import { createPlatform } from './platform.ts';
import type { Room, UnionPayOptions } from './room.ts';
import { createSmsDesk } from './sms.ts';
import { createCalendar, secondMs } from './time.ts';
import { hasSucceeded, type Transaction } from './transaction.ts';

const usualBalance = 100_000_000;
const usualArrivalMs = 4 * secondMs;
const usualFeeRate = 0.006;

/** A payment that opens a card leaves a token behind, to be asked for by the payment's number. */
function openByPaying(entry: Transaction, { agreements }: Room): void {
  const { terms, merchant, voice, card } = entry;
  if (terms.opens !== true || card === undefined || !hasSucceeded(entry)) return;
  const { orderId, txnTime, txnSubType, bizType } = terms;
  const about = { merchant, voice, orderId, txnTime, txnSubType, bizType, trId: merchant.trId };
  agreements.activate(agreements.begin(about), card);
}

/** What the end of an entry means elsewhere, and who is told. */
function entryEnded(entry: Transaction, room: Room): void {
  openByPaying(entry, room);
  if (entry.binding !== undefined && hasSucceeded(entry)) entry.binding.charges += 1;
  tellEntry(entry, room);
}

export async function createRoom(world: World, options: UnionPayOptions): Promise<Room> {
  const platform = await createPlatform(world, options);
  const merchants = [await admit(platform, world.random.fork('merchants'))];
  const { clock, random } = world;
  const openingBalance = options.openingBalance ?? usualBalance;
  const { clearing } = options;
  const funds = createFunds({ clock, openingBalance, clearing });
  const calendar = createCalendar(options.dayEndsAt ?? '23:00');
  const room: Room = {
    ...{ world, options, platform, merchants, calendar, funds },
    settled: new Map(),
    notices: createNotices((work) => clock.hold(work)),
    sms: createSmsDesk({ clock, random, testCodes: options.testCodes !== false }),
    book: createBook({
      ...{ clock, random, funds, calendar },
      arrivalMs: options.arrivalMs ?? usualArrivalMs,
      feeRate: options.feeRate ?? usualFeeRate,
      onEnd: (entry) => entryEnded(entry, room),
    }),
    agreements: createAgreementBook({
      clock,
      random,
      onChange: (agreement) => tellOpening(agreement, room),
    }),
  };
  return room;
}

/** Forgets whatever happened; keys and merchants stay. */
export function clearRoom(room: Room): void {
  room.book.clear();
  room.agreements.clear();
  room.sms.clear();
  room.funds.clear();
  room.settled.clear();
  room.platform.reset();
}
