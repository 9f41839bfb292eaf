/** alipay simulator · agreement book: standing consent to be charged, and what was charged by it. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { SubCode } from './codes.ts';
import type { Merchant, Payer } from './merchants.ts';
import type { Voice } from './seal.ts';
import { ticketFor } from './ticket.ts';
import { compactDay, dayMs, dayStart, dayText, nextMonths } from './time.ts';

/** `OPEN`: its page was opened. `REFUSED`: by the payer. `UNSIGN`: signed once, ended since. */
export type AgreementState = 'OPEN' | 'REFUSED' | 'NORMAL' | 'UNSIGN';

export interface PeriodRule {
  readonly type: 'DAY' | 'MONTH';
  readonly period: number;
  /** `yyyy-MM-dd` of the first charge. */
  readonly executeTime: string;
  /** Fen. */
  readonly single: number;
  readonly total?: number | undefined;
  readonly payments?: number | undefined;
}

export interface AgreementTerms {
  readonly externalAgreementNo?: string | undefined;
  readonly externalLogonId?: string | undefined;
  readonly personalProductCode: string;
  /** Of the payments that charge it. */
  readonly productCode: string;
  readonly signScene?: string | undefined;
  readonly thirdPartyType: string;
  readonly period?: PeriodRule | undefined;
  /** `2m`, `1y`, `30d`. */
  readonly validity?: string | undefined;
  readonly notifyUrl?: string | undefined;
  readonly returnUrl?: string | undefined;
}

export interface Agreement {
  readonly merchant: Merchant;
  readonly terms: AgreementTerms;
  readonly voice: Voice;
  readonly payer: Payer;
  readonly ticket: string;
  readonly createdAt: number;
  state: AgreementState;
  agreementNo?: string;
  signedAt?: number;
  endedAt?: number;
  /** Milliseconds since the epoch; absent: open end. */
  invalidAt?: number;
  /** `yyyy-MM-dd` of the next planned charge. */
  dueOn?: string;
  readonly charges: { readonly outTradeNo: string; readonly amount: number; readonly on: string }[];
}

export interface AgreementTruth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: AgreementState;
  /** Whether it may be charged now. */
  readonly active: boolean;
  /** How often the payer consented. */
  readonly signed: number;
  /** How often money was taken by it. */
  readonly charges: number;
}

export type AgreementChange = 'signed' | 'unsigned';

interface AgreementBookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly pickPayer: () => Payer;
  readonly onChange: (agreement: Agreement, change: AgreementChange, url?: string) => void;
}

export interface AgreementBook {
  find(merchant: Merchant, externalAgreementNo: string): Agreement | undefined;
  findNumber(merchant: Merchant, agreementNo: string): Agreement | undefined;
  findTicket(ticket: string): Agreement | undefined;
  all(merchant?: Merchant): readonly Agreement[];
  open(merchant: Merchant, terms: AgreementTerms, voice: Voice): Agreement;
  sign(agreement: Agreement): void;
  refuse(agreement: Agreement): void;
  /** Ends it; `url` is told instead of the address given at the signing. */
  unsign(agreement: Agreement, url?: string): void;
  isActive(agreement: Agreement): boolean;
  /** Why it may not be charged this amount now; `undefined` if it may. */
  objection(agreement: Agreement, amount: number): SubCode | undefined;
  charged(agreement: Agreement, charge: { outTradeNo: string; amount: number }): void;
  truth(agreement: Agreement): AgreementTruth;
  clear(): void;
}

/** Charges are accepted from five days before the planned day. */
const earlyMs = 5 * dayMs;
const maximumAgreements = 100_000;

/** The planned day after `day`. */
export function nextDue({ type, period }: PeriodRule, day: string): string {
  return type === 'DAY' ? dayText(dayStart(day) + period * dayMs) : nextMonths(day, period);
}

/** The planned day that a charge on `now` would be for: periods nobody charged in time lapse. */
export function dueAt(rule: PeriodRule, planned: string, now: number): string {
  let due = planned;
  for (;;) {
    const next = nextDue(rule, due);
    if (now < dayStart(next) - earlyMs) return due;
    due = next;
  }
}

function endOf(validity: string, from: number): number {
  const [, count = '', unit = ''] = /^(\d{1,3})([dmy])$/.exec(validity) ?? [];
  const number = Number(count);
  if (unit === 'd') return from + number * dayMs;
  return dayStart(nextMonths(dayText(from), unit === 'y' ? number * 12 : number));
}

/** What the period rule says against a charge. */
function periodObjection(agreement: Agreement, amount: number, now: number): SubCode | undefined {
  const { terms, charges, dueOn } = agreement;
  const { period: rule } = terms;
  if (rule === undefined || dueOn === undefined) return undefined;
  const sum = charges.reduce((total, charge) => total + charge.amount, 0);
  if (amount > rule.single) return 'ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED';
  if (sum + amount > (rule.total ?? Number.POSITIVE_INFINITY)) {
    return 'ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED';
  }
  if (charges.length >= (rule.payments ?? Number.POSITIVE_INFINITY)) {
    return 'ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED';
  }
  const due = dueAt(rule, dueOn, now);
  return now < dayStart(due) - earlyMs ? 'ACQ.CYCLE_PAY_DATE_NOT_MATCH' : undefined;
}

function createShelves() {
  const byExternal = new Map<string, Agreement>();
  const byNumber = new Map<string, Agreement>();
  const byTicket = new Map<string, Agreement>();
  const key = ({ authAppId }: Merchant, number: string) => `${authAppId} ${number}`;
  return {
    byNumber,
    byTicket,
    find: (merchant: Merchant, number: string) => byExternal.get(key(merchant, number)),
    add(agreement: Agreement): void {
      const { externalAgreementNo } = agreement.terms;
      byTicket.set(agreement.ticket, agreement);
      if (externalAgreementNo === undefined) return;
      byExternal.set(key(agreement.merchant, externalAgreementNo), agreement);
    },
    clear(): void {
      for (const shelf of [byExternal, byNumber, byTicket]) shelf.clear();
    },
  };
}

/** The merchant's number of an agreement, or what stands for it where he gave none. */
export const agreementId = ({ terms, agreementNo, ticket }: Agreement): string =>
  terms.externalAgreementNo ?? agreementNo ?? ticket;

export function createAgreementBook(options: AgreementBookOptions): AgreementBook {
  const { clock, onChange } = options;
  const numbers = options.random.fork('agreements');
  const shelves = createShelves();

  const isActive = ({ state, invalidAt }: Agreement): boolean =>
    state === 'NORMAL' && clock.now() < (invalidAt ?? Number.POSITIVE_INFINITY);

  return {
    find: shelves.find,
    findNumber(merchant, agreementNo) {
      const agreement = shelves.byNumber.get(agreementNo);
      return agreement?.merchant === merchant ? agreement : undefined;
    },
    findTicket: (ticket) => shelves.byTicket.get(ticket),
    all(merchant) {
      const all = [...shelves.byTicket.values()];
      return merchant === undefined ? all : all.filter((one) => one.merchant === merchant);
    },
    open(merchant, terms, voice) {
      if (shelves.byTicket.size >= maximumAgreements) throw new RangeError('The book is full.');
      const payer = options.pickPayer();
      const ticket = ticketFor(numbers);
      const createdAt = clock.now();
      const charges: Agreement['charges'] = [];
      const fixed = { merchant, terms, voice, payer, ticket, createdAt, charges };
      const agreement: Agreement = { ...fixed, state: 'OPEN' };
      shelves.add(agreement);
      return agreement;
    },
    sign(agreement) {
      if (agreement.state !== 'OPEN') throw new RangeError('Only an open agreement is signed.');
      const now = clock.now();
      const agreementNo = `${compactDay(now)}${numbers.digits(12)}`;
      const { validity, period } = agreement.terms;
      Object.assign(agreement, {
        state: 'NORMAL',
        agreementNo,
        signedAt: now,
        ...(validity === undefined ? {} : { invalidAt: endOf(validity, now) }),
        ...(period === undefined ? {} : { dueOn: period.executeTime }),
      });
      shelves.byNumber.set(agreementNo, agreement);
      onChange(agreement, 'signed');
    },
    refuse(agreement) {
      if (agreement.state !== 'OPEN') throw new RangeError('Only an open agreement is refused.');
      Object.assign(agreement, { state: 'REFUSED', endedAt: clock.now() });
    },
    unsign(agreement, url) {
      if (agreement.state !== 'NORMAL') throw new RangeError('Only a signed agreement ends.');
      Object.assign(agreement, { state: 'UNSIGN', endedAt: clock.now() });
      onChange(agreement, 'unsigned', url);
    },
    isActive,
    objection(agreement, amount) {
      if (agreement.state !== 'NORMAL') return 'ACQ.AGREEMENT_STATUS_NOT_NORMAL';
      if (!isActive(agreement)) return 'ACQ.AGREEMENT_INVALID';
      return periodObjection(agreement, amount, clock.now());
    },
    charged(agreement, { outTradeNo, amount }) {
      const { terms, dueOn, charges } = agreement;
      const { period } = terms;
      if (period !== undefined && dueOn !== undefined) {
        agreement.dueOn = nextDue(period, dueAt(period, dueOn, clock.now()));
      }
      charges.push({ outTradeNo, amount, on: dayText(clock.now()) });
    },
    truth(agreement) {
      const { agreementNo, state, signedAt, charges } = agreement;
      return {
        merchantId: agreementId(agreement),
        ...(agreementNo === undefined ? {} : { channelId: agreementNo }),
        state,
        active: isActive(agreement),
        signed: signedAt === undefined ? 0 : 1,
        charges: charges.length,
      };
    },
    clear: shelves.clear,
  };
}
