/** unionpay simulator · zm: the day's transactions, in columns that begin and end where they must. */
import { bytesOf } from './charset.ts';
import type { Merchant } from './merchants.ts';
import { maskedCard } from './numbers.ts';
import type { Room } from './room.ts';
import type { Kind, Transaction } from './transaction.ts';

/** Widths of the 42 columns; one blank stands between two of them. */
export const zmWidths: readonly number[] = [
  ...[3, 11, 11, 6, 10, 19, 12, 4, 2, 21, 2, 32, 2, 6, 10, 13, 13, 4, 15, 2, 2, 6, 2, 4, 32],
  ...[1, 21, 15, 1, 15, 32, 13, 13, 8, 32, 13, 13, 12, 2, 1, 32, 98],
];

/** Quirk: a consume is `S56`; the letters of the others are this simulator's. */
const transactionCodes: Readonly<Record<Kind, string>> = {
  consume: 'S56',
  collect: 'S22',
  preauth: 'S57',
  capture: 'S58',
  refund: 'S59',
  cancel: 'S60',
  'preauth-cancel': 'S61',
  'capture-cancel': 'S62',
  payout: 'S63',
};

/** `C`: the merchant receives. `D`: it pays. `0`: nothing of its moves. */
const signs: Readonly<Record<Kind, 1 | -1 | 0>> = {
  consume: 1,
  collect: 1,
  preauth: 0,
  capture: 1,
  refund: -1,
  cancel: -1,
  'preauth-cancel': 0,
  'capture-cancel': -1,
  payout: -1,
};

const digits = (amount: number, width: number): string => String(amount).padStart(width, '0');
/** Signed from the merchant's side. */
const signed = (amount: number): string =>
  `${amount < 0 ? 'D' : 'C'}${digits(Math.abs(amount), 12)}`;

/** Fen from the merchant's side: what it pays as a fee, and what is left. */
function sums(entry: Transaction, { book }: Room): { readonly fee: number; readonly net: number } {
  const { kind, amount } = entry.terms;
  const gross = signs[kind] * amount;
  const undone = kind === 'cancel' || kind === 'capture-cancel' ? entry.original : undefined;
  const charged = signs[kind] === 1 ? entry : undefined;
  const fee = charged ? -book.feeOf(charged) : undone ? book.feeOf(undone) : 0;
  return { fee, net: gross + fee };
}

/** By column number. */
function columnsOf(entry: Transaction, merchant: Merchant, room: Room): Record<number, string> {
  const { terms, trace, original, card } = entry;
  const { fee, net } = sums(entry, room);
  const whose = card ?? original?.card ?? original?.original?.card;
  return {
    1: transactionCodes[terms.kind],
    2: '88022900',
    3: '00049993',
    4: trace?.traceNo ?? '',
    5: trace?.traceTime ?? '',
    6: whose === undefined ? '' : maskedCard(whose.number),
    7: digits(terms.amount, 12),
    8: '4899',
    9: terms.channelType,
    10: trace?.queryId ?? '',
    11: '01',
    12: terms.orderId.slice(0, 32),
    13: whose?.kind === 'credit' ? '02' : '01',
    14: original?.trace?.traceNo ?? '',
    15: original?.trace?.traceTime ?? '',
    16: fee === 0 ? `D${digits(0, 12)}` : signed(fee),
    17: signed(net),
    18: '0001',
    20: terms.txnType,
    21: terms.txnSubType,
    22: terms.bizType,
    27: original?.trace?.queryId ?? '',
    28: merchant.merId,
    30: '000000000000000',
    32: ` ${digits(0, 12)}`,
    33: signed(net),
    34: '01080209',
    35: (terms.reqReserved ?? '').slice(0, 32),
    36: ` ${digits(0, 12)}`,
    37: ` ${digits(0, 12)}`,
    38: ` ${digits(0, 11)}`,
    40: '7',
    41: (original?.terms.orderId ?? '').slice(0, 32),
  };
}

/** A text as bytes of exactly that width: cut, or filled with blanks. */
function fixed(text: string, width: number): Buffer {
  const bytes = Buffer.from(bytesOf(text, 'gbk')).subarray(0, width);
  return Buffer.concat([bytes, Buffer.alloc(width - bytes.length, ' ')]);
}

/** Widths of the 22 columns of an exception. */
export const zmeWidths: readonly number[] = [
  ...[3, 11, 11, 6, 10, 19, 12, 4, 2, 2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135],
];

/** One row with its line end: 609 bytes of ZM, 341 of ZME. */
export function fileRow(
  columns: Readonly<Record<number, string>>,
  widths: readonly number[] = zmWidths,
): Buffer {
  const cells = widths.flatMap((width, index) => {
    const cell = fixed(columns[index + 1] ?? '', width);
    return index === 0 ? [cell] : [Buffer.from(' '), cell];
  });
  return Buffer.concat([...cells, Buffer.from('\r\n')]);
}

export const writeZm = (
  entries: readonly Transaction[],
  merchant: Merchant,
  room: Room,
): Uint8Array => Buffer.concat(entries.map((one) => fileRow(columnsOf(one, merchant, room))));

/**
 * Exceptions. Quirk: only the widths have a source; the first nine columns are those of ZM, of the
 * others those are filled whose neighbours leave no doubt.
 */
export const writeZme = (
  entries: readonly Transaction[],
  merchant: Merchant,
  room: Room,
): Uint8Array =>
  Buffer.concat(
    entries.map((one) => {
      const columns = columnsOf(one, merchant, room);
      const same = Object.fromEntries(
        Object.entries(columns).filter(([column]) => Number(column) <= 9),
      );
      const about = { 10: columns[13] ?? '', 14: columns[7] ?? '', 15: columns[17] ?? '' };
      return fileRow({ ...same, ...about, 17: merchant.merId }, zmeWidths);
    }),
  );
