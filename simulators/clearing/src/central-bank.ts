/** clearing · central bank: the reserves of the participants, in double entry, line by line. */
import { type Day, type Instant, instantOf } from '@polyrail/core';
import { createLedger, type Ledger, type LedgerLine } from '@polyrail/simulator';

/** One line of a settlement account. */
export interface ReserveLine {
  /** The central bank's number of the line. */
  readonly serial: string;
  readonly at: Instant;
  readonly kind: 'settlement' | 'replenishment';
  /** The other participant, or `central-bank`. */
  readonly counterpart: string;
  /** Minor units; negative for what left the account. */
  readonly amount: number;
  /** Minor units, after this line. */
  readonly balance: number;
}

/** Reserves that go from one participant to another. */
export interface Transfer {
  readonly debtor: string;
  readonly creditor: string;
  /** Minor units, above 0. */
  readonly net: number;
}

interface Booking {
  readonly date: Day;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface CentralBank {
  readonly ledger: Ledger;
  /** Opens a settlement account with reserves out of the central bank's own hand. */
  open(participant: string, account: string, booking: Booking & { readonly amount: number }): void;
  /** Minor units. */
  reserves(participant: string): number;
  /** Everything at once, or, where somebody would fall below zero, a `RangeError` and nothing. */
  transfer(transfers: readonly Transfer[], booking: Booking): void;
  /** Further reserves for a participant: a loan, a deposit of cash. */
  replenish(participant: string, amount: number, booking: Booking): void;
  /** The lines of a business day. */
  lines(participant: string, date: Day): readonly ReserveLine[];
}

const issuer = 'central-bank';
const issue = `${issuer}:issue`;

const pageKey = (participant: string, date: Day): string => `${participant} ${date}`;

export function createCentralBank(currency: string): CentralBank {
  const ledger = createLedger({ overdraft: [issuer] });
  const accounts = new Map<string, string>();
  const pages = new Map<string, ReserveLine[]>();
  let count = 0;

  const accountOf = (participant: string): string => {
    const account = accounts.get(participant);
    if (account === undefined) throw new RangeError(`${participant} has no settlement account.`);
    return account;
  };
  const line = (account: string, amount: number): LedgerLine => ({ account, amount, currency });
  const issueTo = (participant: string, amount: number, at: number): void => {
    const lines = [line(issue, -amount), line(accountOf(participant), amount)];
    ledger.post(lines, { memo: `issue ${participant}`, at });
  };
  type Leg = Pick<ReserveLine, 'kind' | 'counterpart' | 'amount'>;
  const write = (participant: string, leg: Leg, booking: Booking & { before: number }): void => {
    const { date, at, before } = booking;
    const key = pageKey(participant, date);
    const page = pages.get(key) ?? [];
    count += 1;
    const serial = `${date.replaceAll('-', '')}${String(count).padStart(8, '0')}`;
    page.push({ serial, at: instantOf(at), ...leg, balance: before + leg.amount });
    pages.set(key, page);
  };
  /** Income first: no line of a statement shows less than nothing. */
  const writeTransfers = (
    transfers: readonly Transfer[],
    booking: Booking,
    before: Map<string, number>,
  ): void => {
    const kind = 'settlement';
    const legs = [
      ...transfers.map((one) => [one.creditor, one.debtor, one.net] as const),
      ...transfers.map((one) => [one.debtor, one.creditor, -one.net] as const),
    ];
    for (const [participant, counterpart, amount] of legs) {
      const balance = before.get(participant) ?? 0;
      write(participant, { kind, counterpart, amount }, { ...booking, before: balance });
      before.set(participant, balance + amount);
    }
  };

  const bank: CentralBank = {
    ledger,
    open(participant, account, { amount, at }) {
      accounts.set(participant, `reserves:${account}`);
      if (amount > 0) issueTo(participant, amount, at);
    },
    reserves: (participant) => ledger.balance(accountOf(participant)),
    transfer(transfers, booking) {
      if (transfers.length === 0) return;
      const names = transfers.flatMap(({ debtor, creditor }) => [debtor, creditor]);
      const before = new Map(names.map((name) => [name, bank.reserves(name)]));
      const lines = transfers.flatMap(({ debtor, creditor, net }) => [
        line(accountOf(debtor), -net),
        line(accountOf(creditor), net),
      ]);
      ledger.post(lines, { memo: `settle ${booking.date}`, at: booking.at });
      writeTransfers(transfers, booking, before);
    },
    replenish(participant, amount, booking) {
      const before = bank.reserves(participant);
      issueTo(participant, amount, booking.at);
      const leg = { kind: 'replenishment', counterpart: issuer, amount } as const;
      write(participant, leg, { ...booking, before });
    },
    lines: (participant, date) => [...(pages.get(pageKey(participant, date)) ?? [])],
  };
  return bank;
}
