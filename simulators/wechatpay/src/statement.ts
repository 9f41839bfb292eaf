/** wechatpay simulator · statement: when a day's bill exists, and what stands in it. */

import { createHash } from 'node:crypto';
import { type Exchange, type FaultRule, problem } from '@polyrail/simulator';
import { billLines, type TradeBillType, writeTradeBill } from './bill.ts';
import { merchantAccount } from './funds.ts';
import { writeFundsBill } from './funds-bill.ts';
import type { Merchant } from './merchants.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { dayMs, dayStart, hourMs, isDayText } from './time.ts';

/** A bill is made from nine in the next morning on, and is surely there by ten. */
const readyMs = 10 * hourMs;
const keptMs = 93 * dayMs;

export interface BillWish {
  readonly kind: 'trade' | 'funds';
  readonly type: TradeBillType;
  readonly merchant: Merchant;
  /** `YYYY-MM-DD` */
  readonly date: string;
}

/** A download handed out. */
export interface Download {
  readonly merchant: Merchant;
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
}

/** Refuses a day whose bill is not there, or never will be. */
function requireReady(date: string, exchange: Exchange, room: Room): void {
  const now = room.world.clock.now();
  const end = dayStart(date) + dayMs;
  if (exchange.fault('bill-not-ready')) throw refuse('bill-creating');
  if (room.settled.has(date)) return;
  if (end < now - keptMs) throw refuse('bill-missing');
  if (now < end + readyMs) throw refuse('bill-creating');
}

interface Spoil {
  readonly truncated: boolean;
  readonly wrongTotals: boolean;
}

function written({ kind, type, merchant, date }: BillWish, room: Room, spoil: Spoil): string {
  const from = dayStart(date);
  const period = { from, to: from + dayMs };
  if (kind === 'trade') {
    const lines = billLines(room.book.orders(merchant), period, type);
    if (lines.length === 0) throw refuse('bill-missing');
    return writeTradeBill({ lines, type, wrongTotals: spoil.wrongTotals });
  }
  const entries = room.funds
    .lines(merchantAccount(merchant))
    .filter(({ at }) => at >= from && at < period.to);
  if (entries.length === 0) throw refuse('bill-missing');
  return writeFundsBill({ entries, merchant, wrongTotals: spoil.wrongTotals });
}

/** The bill of a day as bytes: with a byte order mark. */
export function billOf(wish: BillWish, exchange: Exchange, room: Room): Buffer {
  requireReady(wish.date, exchange, room);
  const took = (fault: string): boolean => exchange.fault(fault) !== undefined;
  const spoil = { truncated: took('bill-truncated'), wrongTotals: took('bill-wrong-totals') };
  const text = written(wish, room, spoil);
  const cut = spoil.truncated ? text.slice(0, Math.floor(text.length * 0.7)) : text;
  return Buffer.from(`\u{feff}${cut}`, 'utf8');
}

/** Lower-case hexadecimal. Quirk: of the bill itself, also where it is handed out compressed. */
export function sha1Of(bytes: Uint8Array, wrong: FaultRule | undefined): string {
  const hash = createHash('sha1').update(bytes);
  return (wrong === undefined ? hash : hash.update('another')).digest('hex');
}

/** Makes the bill of a day available before its time. */
export function settleDay(date: string, room: Room): { readonly lines: number } {
  if (!isDayText(date)) {
    throw problem({ field: 'date', rule: 'a day written YYYY-MM-DD', message: 'That is no day.' });
  }
  const from = dayStart(date);
  if (from > room.world.clock.now()) {
    const message = `${date} has not begun yet.`;
    throw problem({ field: 'date', rule: 'today or a day before', message, status: 409 });
  }
  room.settled.add(date);
  return { lines: billLines(room.book.orders(), { from, to: from + dayMs }, 'ALL').length };
}
