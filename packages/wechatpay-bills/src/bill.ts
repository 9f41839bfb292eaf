/** wechatpay-bills · bill: reads a bill line by line - header, rows behind back-ticks, summary (A9.3, A9.4). */
import { type Instant, type Money, money, PolyrailError, type StatementLine } from '@polyrail/core';
import { instantOfWallTime, yuan } from './units.ts';

/** How one kind of bill is laid out. */
export interface BillLayout {
  /** The column by which the header is known. */
  readonly first: string;
  /** The column by which the header of the summary is known. */
  readonly summary: string;
  begin(names: readonly string[]): BillSheet;
}

/** One file of a kind, its sums added up as its rows come by. */
export interface BillSheet {
  row(cells: readonly string[]): StatementLine;
  /** @throws PolyrailError `REPLY_UNREADABLE` when the rows do not add up to it */
  requireSums(told: Readonly<Record<string, string>>): void;
}

export interface BillReader {
  /** `undefined` for what is no business: headers and sums. */
  read(line: string): StatementLine | undefined;
  /** @throws PolyrailError `REPLY_UNREADABLE` unless the sums were there */
  finish(): void;
}

export const broken = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The bill is not whole: ${what}`, {
    doubt: 'unreadable-reply',
  });

/** Hundred-thousandths of a yuan: fees are written with five digits. */
const fine = 100_000;

/** Yuan as fen. */
export function fen(text: string, what: string): number {
  try {
    return money(text, 'CNY').amount;
  } catch {
    throw broken(`${what} is no amount`);
  }
}

/** Yuan with up to five digits, in hundred-thousandths. */
export function fineYuan(text: string, what: string): number {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d{1,9})(?:\.(\d{1,5}))?$/.exec(text) ?? [];
  if (sign === undefined) throw broken(`${what} is no amount`);
  const amount = Number(whole) * fine + Number(fraction.padEnd(5, '0'));
  return sign === '-' ? -amount : amount;
}

/** A fee in fen; `undefined` when it is none, or not of whole fen. */
export function feeOf(hundredThousandths: number): Money | undefined {
  const amount = Math.abs(hundredThousandths) / 1000;
  return amount !== 0 && Number.isInteger(amount) ? yuan(amount) : undefined;
}

/** Quirk: older files write counts with a decimal. */
export function countOf(text: string, what: string): number {
  const [, digits] = /^(\d{1,12})(?:\.0+)?$/.exec(text) ?? [];
  if (digits === undefined) throw broken(`${what} is no count`);
  return Number(digits);
}

/** Reads times; the last one is often met again. */
export function createMoments(): (cell: string) => Instant {
  let last = '';
  let moment: Instant | undefined;
  return (cell) => {
    if (cell !== last || moment === undefined) {
      last = cell;
      moment = instantOfWallTime(cell);
    }
    if (moment === undefined) throw broken('a line has no time');
    return moment;
  };
}

/** A row as it stands in the file, by the names of its columns. */
export function rawOf(names: readonly string[], cells: readonly string[]): Record<string, string> {
  const raw: Record<string, string> = {};
  for (let at = 0; at < names.length; at += 1) raw[names[at] as string] = cells[at] ?? '';
  return raw;
}

/** Where the columns stand, found by name: kinds of bill and years differ. */
export function placesOf<C extends string>(
  columns: Readonly<Record<C, readonly string[]>>,
  names: readonly string[],
  required: readonly C[],
): Readonly<Record<C, number>> {
  const at = {} as Record<C, number>;
  for (const [column, known] of Object.entries<readonly string[]>(columns)) {
    at[column as C] = known.map((name) => names.indexOf(name)).find((index) => index >= 0) ?? -1;
  }
  const missing = required.find((column) => at[column] < 0);
  if (missing !== undefined) throw broken(`column ${columns[missing][0]} is missing`);
  return at;
}

/**
 * Quirk: nothing is quoted. Every cell begins with a back-tick, so that a comma within a cell - which
 * WeChat Pay replaces, as far as it is known - would not part it.
 */
const cellsOf = (line: string): readonly string[] => line.slice(1).split(',`');

/** Reads one bill. Holds one line at a time, whatever the size of the file. */
export function createBillReader(layout: BillLayout): BillReader {
  let names: readonly string[] = [];
  let sheet: BillSheet | undefined;
  let sums: readonly string[] | undefined;
  let ended = false;

  const header = (line: string): void => {
    const told = line.split(',').map((name) => name.trim());
    if (sheet === undefined && told[0] === layout.first) {
      names = told;
      sheet = layout.begin(told);
      return;
    }
    if (sheet === undefined || sums !== undefined || told[0] !== layout.summary) {
      throw broken('a line is none of a bill');
    }
    sums = told;
  };
  return {
    read(line) {
      if (line === '') return undefined;
      if (ended) throw broken('a line follows its sums');
      if (!line.startsWith('`')) {
        header(line);
        return undefined;
      }
      if (sheet === undefined) throw broken('its header is missing');
      const cells = cellsOf(line);
      const width = (sums ?? names).length;
      if (cells.length !== width) throw broken('a line has another number of columns');
      if (sums === undefined) return sheet.row(cells);
      sheet.requireSums(rawOf(sums, cells));
      ended = true;
      return undefined;
    },
    finish() {
      if (!ended) throw broken('its sums are missing');
    },
  };
}

/** Made one by one as they are asked for: a batch of them would outlive the youngest of the heap. */
function* made(lines: readonly string[], reader: BillReader): Generator<StatementLine, undefined> {
  for (const text of lines) {
    const line = reader.read(text);
    if (line !== undefined) yield line;
  }
}

/**
 * The lines of one bill, as many at once as were whole in a piece of the file.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` at the end, unless everything was there and adds up
 */
export async function* readBill(
  batches: AsyncIterable<readonly string[]>,
  layout: BillLayout,
): AsyncGenerator<Iterable<StatementLine>, undefined> {
  const reader = createBillReader(layout);
  for await (const lines of batches) yield made(lines, reader);
  reader.finish();
}
