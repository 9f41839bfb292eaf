/** unionpay simulator · statement: when a day's file exists, and what stands in it. */
import { deflateSync } from 'node:zlib';
import { problem, writeZip } from '@polyrail/simulator';
import type { Call } from './call.ts';
import { refuse } from './codes.ts';
import type { Fields } from './form.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { dayMs, dayStart, hourMs, isDayText } from './time.ts';
import { hasSucceeded, type Transaction } from './transaction.ts';
import { writeZm, writeZme } from './zm.ts';

/** Files are there at nine in the next morning. */
const readyMs = 10 * hourMs;

/** What was carried out on a clearing day, in the order it was. */
export const carriedOut = (day: string, room: Room, merchant?: Merchant): readonly Transaction[] =>
  room.book
    .entries(merchant)
    .filter((entry) => hasSucceeded(entry) && entry.settleDay === day)
    .sort((left, right) => (left.finishedAt ?? 0) - (right.finishedAt ?? 0));

/** Further back, a date without a year can only mean a day to come. */
const keptMs = 300 * dayMs;

/** The last day with that month and date: the message does not name a year. */
function dayMeant(settleDate: string, { calendar, world }: Room): string {
  const today = calendar.dayOf(world.clock.now());
  const year = Number(today.slice(0, 4));
  const [month, date] = [settleDate.slice(0, 2), settleDate.slice(2)];
  const said = [year, year - 1].map((one) => `${one}-${month}-${date}`);
  const oldest = calendar.dayOf(world.clock.now() - keptMs);
  return said.find((day) => isDayText(day) && day <= today && day >= oldest) ?? '';
}

function requireReady(day: string, { exchange, room }: Call): void {
  if (exchange.fault('file-not-ready') || day === '') throw refuse('98');
  if (room.settled.has(day)) return;
  if (room.world.clock.now() < room.calendar.endOf(day) + readyMs) throw refuse('98');
}

/** 76: the day's archive as Base64 of a zlib stream. */
export function downloadFile(call: Call): Fields {
  const { fields, merchant, room, exchange } = call;
  const day = dayMeant(fields['settleDate'] ?? '', room);
  requireReady(day, call);
  const compact = day.replaceAll('-', '');
  const entries = carriedOut(day, room, merchant);
  const text = writeZm(entries, merchant, room);
  const name = `INN${compact.slice(2)}88ZM_${merchant.merId}`;
  const exceptional = exchange.fault('file-exceptions') !== undefined;
  const payments = entries.filter(({ terms }) => terms.kind === 'consume');
  const archive = writeZip([
    { name: Buffer.from(name), data: text },
    ...(exceptional
      ? [
          {
            name: Buffer.from(name.replace('ZM_', 'ZME_')),
            data: writeZme(payments, merchant, room),
          },
        ]
      : []),
  ]);
  const cut = exchange.fault('file-truncated') ? archive.subarray(0, archive.length >> 1) : archive;
  return {
    fileName: `${merchant.merId}_${compact}.zip`,
    fileContent: deflateSync(cut).toString('base64'),
  };
}

/** Closes a clearing day by hand: what it holds is settled, and its file can be had. */
export function settleDay(day: string, room: Room): { readonly lines: number } {
  if (!isDayText(day)) {
    throw problem({ field: 'date', rule: 'a day written YYYY-MM-DD', message: 'That is no day.' });
  }
  const now = room.world.clock.now();
  if (day > room.calendar.dayOf(now) || Number.isNaN(dayStart(day))) {
    const message = `${day} has not begun yet.`;
    throw problem({ field: 'date', rule: 'today or a day before', message, status: 409 });
  }
  room.settled.set(day, now);
  return { lines: carriedOut(day, room).length };
}
