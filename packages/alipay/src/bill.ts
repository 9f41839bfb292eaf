/** alipay · bill: reads the lines of a day's bill, whatever its kind, and holds them against its own totals. */
import { type Instant, type Money, money, PolyrailError, type StatementLine } from '@polyrail/core';
import { instantOfWallTime } from './time.ts';

/** What the file must be about. */
export interface BillSubject {
  /** `2026-11-22` */
  readonly date: string;
  /** The account line begins with it, when it is known. */
  readonly sellerId?: string | undefined;
}

/** What one kind of bill has for itself. */
export interface BillLayout {
  /** The first line of the detail begins with it; the summary beside it has another title. */
  readonly title: string;
  /** Stands in the comment line that ends the list. */
  readonly listEnd: string;
  /** The marks that `BillSheet.total` gives, each with what it is the total of. */
  readonly totals: Readonly<Record<string, string>>;
  /** Begins a file with these columns. @throws PolyrailError `REPLY_UNREADABLE` when one is missing */
  begin(names: readonly string[]): BillSheet;
}

/** One file of a kind, its sums added up as its rows come by. */
export interface BillSheet {
  /** May change `cells`. */
  row(cells: string[]): StatementLine;
  /**
   * The mark of the total in a comment line; `undefined` when it holds none.
   *
   * @throws PolyrailError `REPLY_UNREADABLE` when the rows do not add up to it
   */
  total(comment: string): string | undefined;
}

export interface BillReader {
  /** `undefined` for what is no business: comments, totals, headings. */
  read(line: string): StatementLine | undefined;
  /** @throws PolyrailError `REPLY_UNREADABLE` unless everything was there and adds up */
  finish(): void;
}

const startPattern = /^#起始日期：\[(\d{4})年(\d{2})月(\d{2})日/;
const accountPattern = /^#账号：\[(\d+)\]/;

export const broken = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The bill is not whole: ${what}`, {
    doubt: 'unreadable-reply',
  });

const foreign = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNVERIFIED', `The bill is another one than was asked for: ${what}`, {
    doubt: 'contradicts-request',
  });

/**
 * Yuan as nearly all cells have them, digits with two decimals, as fen; `undefined` for any other
 * text. A file holds millions of them.
 */
function plainFen(text: string): number | undefined {
  const point = text.length - 3;
  const first = text.startsWith('-') ? 1 : 0;
  if (point <= first || point > 12 || text[point] !== '.') return undefined;
  let value = 0;
  for (let index = first; index < text.length; index += 1) {
    if (index === point) continue;
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return first === 1 && value !== 0 ? -value : value;
}

/** Yuan as fen. */
export function fen(text: string, what: string): number {
  const plain = plainFen(text);
  if (plain !== undefined) return plain;
  try {
    return money(text, 'CNY').amount;
  } catch {
    throw broken(`${what} is no amount`);
  }
}

export const yuan = (amount: number): Money => ({ amount, currency: 'CNY' });

/** Reads times. Lines stand in the order of their times, so that the last one is often met again. */
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

const timePattern = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
export const isTime = (cell: string | undefined): boolean => timePattern.test(cell?.trim() ?? '');

/** Quirk: many cells end with a TAB. Trims them where they are: a copy of every row would be dear. */
export function trimmed(cells: string[]): readonly string[] {
  for (let index = 0; index < cells.length; index += 1) cells[index] = (cells[index] ?? '').trim();
  return cells;
}

/** Where the columns stand, found by name: their number and order have changed over the years. */
export function columnsOf<C extends string>(
  columns: Readonly<Record<C, string>>,
  names: readonly string[],
): Readonly<Record<C, number>> {
  const at = {} as Record<C, number>;
  for (const [column, name] of Object.entries<string>(columns)) {
    const index = names.indexOf(name);
    if (index < 0) throw broken(`column ${name} is missing`);
    at[column as C] = index;
  }
  return at;
}

/**
 * Gives rows as they stand in the file, by the names of their columns. Each is a copy of an empty row:
 * an object made of so many members one by one is slow to make, to copy and to freeze.
 */
export function rawRows(names: readonly string[]): (row: readonly string[]) => object {
  const own = names.map((name) => (name === '__proto__' ? '' : name));
  const empty = JSON.parse(`{${own.map((name) => `${JSON.stringify(name)}:""`).join()}}`) as object;
  return (row) => {
    const raw: Record<string, string> = { ...empty };
    for (let index = 0; index < own.length; index += 1) {
      raw[own[index] as string] = row[index] ?? '';
    }
    return raw;
  };
}

/** Compares what the file says about itself in its comment lines. */
function readComment(line: string, subject: BillSubject): 'start' | undefined {
  const [, year, month, day] = startPattern.exec(line) ?? [];
  if (year !== undefined) {
    if (`${year}-${month}-${day}` !== subject.date) throw foreign('its date differs');
    return 'start';
  }
  const [, account] = accountPattern.exec(line) ?? [];
  if (account !== undefined && subject.sellerId && !account.startsWith(subject.sellerId)) {
    throw foreign('its account differs');
  }
  return undefined;
}

/** Reads one detail file line by line. Holds one line at a time, whatever the size of the file. */
export function createBillReader(layout: BillLayout, subject: BillSubject): BillReader {
  const seen = new Set<string>();
  let sheet: BillSheet | undefined;
  let ended = false;

  const comment = (line: string): void => {
    if (line.includes(layout.listEnd)) {
      if (sheet === undefined || ended) throw broken('its list ends before it began');
      ended = true;
      seen.add('end');
      return;
    }
    const mark = ended ? sheet?.total(line) : readComment(line, subject);
    if (mark !== undefined) seen.add(mark);
  };
  const row = (line: string): StatementLine | undefined => {
    if (ended) throw broken('a line follows the end of its list');
    const cells = line.split(',');
    if (sheet !== undefined) return sheet.row(cells);
    sheet = layout.begin(trimmed(cells));
    return undefined;
  };
  return {
    read(line) {
      if (line.startsWith('#')) comment(line);
      else if (line.trim() !== '') return row(line);
      return undefined;
    },
    finish() {
      const wanted = { start: 'its date', end: 'the end of its list', ...layout.totals };
      for (const [mark, what] of Object.entries(wanted)) {
        if (!seen.has(mark)) throw broken(`${what} is missing`);
      }
    },
  };
}
