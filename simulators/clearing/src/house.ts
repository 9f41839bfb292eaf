/**
 * clearing · house: records by day, nets at night, moves reserves once per pair, and hands every
 * participant its papers.
 */
import { type Day, exponentOf, isDay } from '@polyrail/core';
import { type Clearing, problem, type VirtualClock } from '@polyrail/simulator';
import { type Books, closeOpenDay, openBooks, unclosedDay } from './books.ts';
import { type Calendar, type CalendarOptions, createCalendar } from './calendar.ts';
import { type ObligationTruth, requireWellFormed } from './obligation.ts';
import {
  createRegister,
  type Participant,
  type Register,
  type RegisterOptions,
} from './register.ts';
import {
  type ClosedDay,
  type FundsStatement,
  type Netting,
  nettingOf,
  type Settlement,
  settlementOf,
} from './settlement.ts';

export interface HouseOptions extends CalendarOptions, RegisterOptions {
  /** ISO 4217. Default `CNY`. */
  readonly currency?: string;
  /** Banks that have joined when it opens. Default: four of them. */
  readonly banks?: readonly string[];
}

export interface ClearingHouse extends Clearing {
  participants(): readonly Participant[];
  /** The day that whatever is recorded now belongs to. */
  businessDay(): Day;
  /** What became of an obligation; `undefined` for an id never recorded. */
  obligation(id: string): ObligationTruth | undefined;
  /**
   * Closes a business day and all before it: nets, settles, and carries what reserves did not
   * suffice for. By itself this happens at the cut-off; earlier, what is recorded from then on
   * belongs to the next day. A day that is closed stays as it is.
   *
   * @throws a steering problem for a day that has not begun, or that was before it opened.
   */
  close(date: Day): Netting;
  /** The table of a day; default: of the one that is open, as if it closed now. */
  netting(date?: Day): Netting;
  /** @throws a steering problem while the day is open, and for whoever had not joined then. */
  settlement(participant: string, date: Day): Settlement;
  /** @throws a steering problem while the day is open, and for whoever had not joined then. */
  fundsStatement(participant: string, date: Day): FundsStatement;
  /** Minor units at the central bank. */
  reserves(participant: string): number;
  /** Minor units to get (positive) or to give, of what is recorded and not settled. */
  position(participant: string): number;
  /** The central bank adds to a participant's reserves, minor units: what was short may settle. */
  replenish(participant: string, amount: number): void;
  /** Adds both books up again from the first line on; throws where a law of theirs is broken. */
  check(): void;
}

/** What whoever runs the house may do beside. */
export interface HouseControl {
  readonly house: ClearingHouse;
  readonly calendar: Calendar;
  /** The table of the open day, how many obligations there are, both books' accounts. */
  book(): object;
  /** Forgets obligations, days and reserves; participants stay, with what they began with. */
  reset(): void;
}

export interface HouseSurroundings {
  readonly clock: VirtualClock;
  /** Asked at every cut-off: true keeps the day open for another hour. */
  readonly hindered?: (date: Day) => boolean;
}

const usualBanks = ['north-bank', 'east-bank', 'south-bank', 'west-bank'];
const hourMs = 3_600_000;

/** Everything a house works with. */
interface Room {
  readonly clock: VirtualClock;
  readonly calendar: Calendar;
  readonly register: Register;
  readonly currency: string;
  books: Books;
}

/** The day of now; once it was closed before its time, the one after it. */
function businessDayOf({ calendar, clock, books }: Room): Day {
  const today = calendar.dayOf(clock.now());
  if (today > books.openDay) return today;
  return books.openDay;
}

const noDay = (date: unknown): Error => {
  const message = `${JSON.stringify(date)} is no day.`;
  return problem({ field: 'date', rule: 'a day written YYYY-MM-DD', message });
};

/** A day that has been closed. */
function closedDay({ books }: Room, date: Day): ClosedDay {
  if (!isDay(date)) throw noDay(date);
  const day = books.days.get(date);
  if (day !== undefined) return day;
  const field = 'date';
  if (date >= books.openDay) {
    const rule = `a day before ${books.openDay}`;
    throw problem({ field, rule, message: `${date} is not closed yet.`, status: 409 });
  }
  const rule = `a day from ${books.firstDay} on`;
  throw problem({ field, rule, message: `Nothing is known of ${date}.`, status: 404 });
}

/** Balances of one participant at the end of a day; refused where it had not joined then. */
function reservesThen({ reserves, date }: ClosedDay, { name }: Participant): number {
  const closing = reserves.get(name);
  if (closing !== undefined) return closing;
  const message = `${name} had not joined on ${date}.`;
  throw problem({ field: 'participant', rule: 'one that had joined', message, status: 404 });
}

/** What can be asked, at any time, without changing anything. */
function readings(room: Room) {
  const { register, currency } = room;
  return {
    settlement(participant: string, date: Day): Settlement {
      const member = register.require(participant);
      const day = closedDay(room, date);
      reservesThen(day, member);
      return settlementOf(day, participant);
    },
    fundsStatement(participant: string, date: Day): FundsStatement {
      const member = register.require(participant);
      const closing = reservesThen(closedDay(room, date), member);
      const lines = room.books.bank.lines(participant, date);
      const opening = lines.reduce((rest, { amount }) => rest - amount, closing);
      const { account } = member;
      return { participant, account, date, currency, opening, lines, closing };
    },
    netting(date = room.books.openDay): Netting {
      const isOpen = isDay(date) && date >= room.books.openDay && date <= businessDayOf(room);
      return nettingOf(isOpen ? unclosedDay(room.books, date, currency) : closedDay(room, date));
    },
    reserves: (participant: string) => room.books.bank.reserves(register.require(participant).name),
    position: (participant: string) =>
      room.books.claims.position(register.require(participant).name),
    obligation: (id: string): ObligationTruth | undefined => room.books.claims.truth(id),
  };
}

/** Both books by themselves, and each beside the other. */
function checkBooks({ books, register }: Room): void {
  const { bank, claims } = books;
  bank.ledger.check();
  claims.ledger.check();
  const owed = new Map<string, number>();
  const add = (name: string, amount: number) => owed.set(name, (owed.get(name) ?? 0) + amount);
  for (const { obligation } of claims.open()) {
    add(obligation.debtor, -obligation.amount);
    add(obligation.creditor, obligation.amount);
  }
  for (const { name } of register.all()) {
    if (claims.position(name) === (owed.get(name) ?? 0)) continue;
    throw new RangeError(`${name}: its position does not follow from what is not settled.`);
  }
}

/** Closes days when their time comes. */
function createNights(room: Room, hindered: (date: Day) => boolean) {
  const { calendar, clock, register, currency } = room;
  let cancel: () => void = () => undefined;
  const arm = (inMs = calendar.endOf(room.books.openDay) - clock.now()): void => {
    cancel();
    cancel = clock.schedule(Math.max(0, inMs), () => {
      if (hindered(room.books.openDay)) arm(hourMs);
      else closeUpTo(room.books.openDay);
    });
  };
  const closeUpTo = (date: Day): void => {
    const night = { at: clock.now(), currency, participants: register.all() };
    while (room.books.openDay <= date) closeOpenDay(room.books, night);
    arm();
  };
  return { arm, closeUpTo };
}

/** A clearing house and its central bank, on a clock. */
export function createHouse(
  { clock, hindered = () => false }: HouseSurroundings,
  options: HouseOptions = {},
): HouseControl {
  const { currency = 'CNY', banks = usualBanks } = options;
  if (exponentOf(currency) === undefined) {
    throw problem({ field: 'currency', rule: 'ISO 4217', message: `${currency} is none.` });
  }
  const calendar = createCalendar(options);
  const register = createRegister(options);
  const today = () => calendar.dayOf(clock.now());
  const room: Room = { clock, calendar, register, currency, books: openBooks(currency, today()) };
  const nights = createNights(room, hindered);
  const booking = () => ({ date: room.books.openDay, at: clock.now() });
  const openAccount = ({ name, account, openingReserves: amount }: Participant): void =>
    room.books.bank.open(name, account, { ...booking(), amount });
  const house: ClearingHouse = {
    currency,
    ...readings(room),
    participants: register.all,
    businessDay: () => businessDayOf(room),
    join: (joining) => openAccount(register.admit(joining)),
    banks: () =>
      register
        .all()
        .filter(({ kind }) => kind === 'bank')
        .map(({ name }) => name),
    record(obligation) {
      requireWellFormed(obligation);
      register.require(obligation.debtor, 'debtor');
      register.require(obligation.creditor, 'creditor');
      const recording = { businessDay: businessDayOf(room), at: clock.now() };
      const entry = room.books.claims.record(obligation, recording);
      if (entry === undefined) return undefined;
      const { businessDay, recordedAt } = entry;
      return { id: obligation.id, businessDay, recordedAt };
    },
    close(date) {
      if (!isDay(date)) throw noDay(date);
      if (date > businessDayOf(room)) {
        const rule = `${businessDayOf(room)} or a day before`;
        const message = `${date} has not begun yet.`;
        throw problem({ field: 'date', rule, message, status: 409 });
      }
      nights.closeUpTo(date);
      return nettingOf(closedDay(room, date));
    },
    replenish(participant, amount) {
      const { name } = register.require(participant);
      if (!Number.isSafeInteger(amount) || amount <= 0) {
        const rule = 'a whole number of minor units above 0';
        throw problem({ field: 'amount', rule, message: 'Reserves cannot grow by that.' });
      }
      room.books.bank.replenish(name, amount, booking());
    },
    check: () => checkBooks(room),
  };
  for (const name of banks) house.join({ name, kind: 'bank' });
  nights.arm();
  return {
    house,
    calendar,
    book: () => ({
      businessDay: house.businessDay(),
      netting: house.netting(),
      obligations: room.books.claims.count,
      centralBank: room.books.bank.ledger.accounts(),
      positions: room.books.claims.ledger.accounts(),
    }),
    reset() {
      room.books = openBooks(currency, today());
      for (const participant of register.all()) openAccount(participant);
      nights.arm();
    },
  };
}
