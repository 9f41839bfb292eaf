/** clearing · books: what a reset forgets - reserves, claims, closed days - and one night of it. */
import { type Day, instantOf } from '@polyrail/core';
import { dayAfter } from './calendar.ts';
import { type CentralBank, createCentralBank } from './central-bank.ts';
import { type Claims, createClaims } from './claims.ts';
import { affordable, type Pair, pairsOf } from './netting.ts';
import type { Participant } from './register.ts';
import type { ClosedDay, Fate, NettedDay } from './settlement.ts';

export interface Books {
  readonly bank: CentralBank;
  readonly claims: Claims;
  readonly days: Map<Day, ClosedDay>;
  /** The day it opened. */
  readonly firstDay: Day;
  /** The oldest day that is not closed. */
  openDay: Day;
}

/** Ten years: older papers are gone. */
const keptDays = 3_660;

export function openBooks(currency: string, today: Day): Books {
  const bank = createCentralBank(currency);
  const claims = createClaims(currency);
  return { bank, claims, days: new Map(), firstDay: today, openDay: today };
}

interface Night {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly currency: string;
  readonly participants: readonly Participant[];
}

/** Nets the open day with whatever was carried, and settles what the reserves can carry. */
export function closeOpenDay(books: Books, { at, currency, participants }: Night): void {
  const { bank, claims, days, openDay: date } = books;
  const pairs = pairsOf(claims.open(date));
  const chosen = affordable(pairs, bank.reserves);
  const settled = pairs.filter((pair) => chosen.has(pair));
  const fateOf = (pair: Pair): Fate =>
    chosen.has(pair) ? (pair.net === 0 ? 'even' : 'settled') : 'short';
  // The central bank first: if it refuses, nothing has been struck out.
  bank.transfer(
    settled.filter(({ net }) => net > 0),
    { date, at },
  );
  claims.discharge(settled, date, at);
  days.set(date, {
    date,
    currency,
    closedAt: instantOf(at),
    pairs: pairs.map((pair) => ({ ...pair, fate: fateOf(pair) })),
    reserves: new Map(participants.map(({ name }) => [name, bank.reserves(name)])),
  });
  books.openDay = dayAfter(date);
  const [oldest] = days.keys();
  if (days.size > keptDays && oldest !== undefined) days.delete(oldest);
}

/** A day that is not closed, as far as it has come. */
export function unclosedDay({ claims }: Books, date: Day, currency: string): NettedDay {
  const pairs = pairsOf(claims.open(date));
  return { date, currency, pairs: pairs.map((pair) => ({ ...pair, fate: 'open' })) };
}
