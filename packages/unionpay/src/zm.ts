/**
 * unionpay · zm: the fixed-width rows of settlement files, cut at exact bytes (dossier §13.3, §13.4).
 */
import {
  type Day,
  type Instant,
  instantOf,
  PolyrailError,
  type StatementLine,
} from '@polyrail/core';
import { decodeText } from '@polyrail/kit/charset';
import { yuan } from '@polyrail/kit/fields';
import { epochMsOfWireTime, instantOfWireTime } from './time.ts';

export const broken = (what: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The statement is not whole: ${what}`, {
    doubt: 'unreadable-reply',
  });

type Columns = readonly (readonly [name: string, length: number])[];

/** Transactions. One blank between columns. */
const zmColumns = [
  ['transactionCode', 3],
  ['acquirer', 11],
  ['forwarder', 11],
  ['traceNo', 6],
  ['traceTime', 10],
  ['accNo', 19],
  ['amount', 12],
  ['merchantCategory', 4],
  ['channelType', 2],
  ['queryId', 21],
  ['oldPayMode', 2],
  ['orderId', 32],
  ['cardType', 2],
  ['originalTraceNo', 6],
  ['originalTraceTime', 10],
  ['fee', 13],
  ['settlement', 13],
  ['payType', 4],
  ['groupMerchant', 15],
  ['txnType', 2],
  ['txnSubType', 2],
  ['bizType', 6],
  ['accountType', 2],
  ['billType', 4],
  ['billNumber', 32],
  ['interaction', 1],
  ['originalQueryId', 21],
  ['merId', 15],
  ['splitMode', 1],
  ['subMerchant', 15],
  ['subMerchantName', 32],
  ['subMerchantAmount', 13],
  ['net', 13],
  ['terminal', 8],
  ['reqReserved', 32],
  ['discount', 13],
  ['invoice', 13],
  ['instalmentSurcharge', 12],
  ['instalments', 2],
  ['medium', 1],
  ['originalOrderId', 32],
  ['reserved', 98],
] as const satisfies Columns;

/** Exceptions. Quirk: their columns are documented by length alone; names are by likeness with ZM. */
const zmeColumns = [
  ['transactionCode', 3],
  ['acquirer', 11],
  ['forwarder', 11],
  ['traceNo', 6],
  ['traceTime', 10],
  ['accNo', 19],
  ['amount', 12],
  ['merchantCategory', 4],
  ['channelType', 2],
  ['column10', 2],
  ['originalTraceNo', 6],
  ['originalTraceTime', 10],
  ['column13', 4],
  ['column14', 12],
  ['fee', 13],
  ['settlement', 13],
  ['merId', 15],
  ['column18', 15],
  ['column19', 1],
  ['column20', 12],
  ['column21', 2],
  ['reserved', 135],
] as const satisfies Columns;

export interface Layout {
  readonly name: 'ZM' | 'ZME';
  /** Of a row without its line end. */
  readonly bytes: number;
  readonly columns: readonly {
    readonly name: string;
    readonly start: number;
    readonly end: number;
  }[];
}

function layoutOf(name: Layout['name'], columns: Columns): Layout {
  let start = 0;
  const placed = columns.map(([column, length]) => {
    const place = { name: column, start, end: start + length };
    start = place.end + 1;
    return place;
  });
  return { name, bytes: start - 1, columns: placed };
}

export const zm: Layout = layoutOf('ZM', zmColumns);
export const zme: Layout = layoutOf('ZME', zmeColumns);

export type Row = Readonly<Record<string, string>>;

const isAscii = (text: string): boolean => !/[\x80-\xff]/.test(text);

/**
 * One row as its columns that have something in them.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` for a row of another length, or a column that runs over
 */
export function readRow({ name, bytes, columns }: Layout, row: Uint8Array): Row {
  if (row.byteLength !== bytes) {
    throw broken(`a row of ${name} has ${row.byteLength} bytes, and not ${bytes}`);
  }
  const text = Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('latin1');
  const plain = isAscii(text);
  const cells: Record<string, string> = {};
  for (const { name: column, start, end } of columns) {
    if (end < bytes && text.charCodeAt(end) !== 0x20) {
      throw broken(`a row of ${name} has no blank behind ${column}`);
    }
    const cell = plain
      ? text.slice(start, end)
      : decodeText(row.subarray(start, end), 'gbk', { fatal: true });
    const value = cell.trim();
    if (value !== '') cells[column] = value;
  }
  return cells;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The rows of a file as batches, each with what was whole in a piece of it. */
export async function* readRows(
  layout: Layout,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Row[], undefined> {
  let rest: Uint8Array = new Uint8Array(0);
  const rowOf = (line: Uint8Array): Row => {
    const end = line.at(-1) === carriageReturn ? line.byteLength - 1 : line.byteLength;
    return readRow(layout, line.subarray(0, end));
  };
  for await (const piece of source) {
    const bytes = rest.byteLength === 0 ? piece : Buffer.concat([rest, piece]);
    const rows: Row[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(lineFeed, start);
      if (end < 0) break;
      rows.push(rowOf(bytes.subarray(start, end)));
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.byteLength > layout.bytes + 1) throw broken(`a row of ${layout.name} does not end`);
    if (rows.length > 0) yield rows;
  }
  if (rest.byteLength > 0) yield [rowOf(rest)];
  return undefined;
}

/** An amount behind its direction: C the merchant receives, D it pays. */
function signedFen(cell: string | undefined): number | undefined {
  const [, direction, digits = ''] = /^([CD]?) ?(\d{12})$/.exec(cell ?? '') ?? [];
  if (direction === undefined) return undefined;
  return direction === 'D' ? -Number(digits) : Number(digits);
}

const kinds: Readonly<Record<string, StatementLine['kind']>> = {
  '01': 'payment',
  '03': 'payment',
  '11': 'payment',
  '04': 'refund',
  '31': 'cancellation',
  '33': 'cancellation',
  '12': 'payout',
};

/** What each kind does with the merchant's money where no column says. */
const incoming: ReadonlySet<string> = new Set(['payment']);

/** `NN` + `YYMMDDhhmmss` + trace number + `8`: the number tells the year that the row leaves out. */
function occurredAt({ queryId, traceTime }: Row, date: Day): Instant {
  const told = instantOfWireTime(`20${queryId?.slice(2, 14)}`);
  if (told !== undefined && queryId?.length === 21) return told;
  const noonMs = Date.parse(`${date}T04:00:00.000Z`);
  const year = Number(date.slice(0, 4));
  const nearest = [year - 1, year, year + 1]
    .map((candidate) => epochMsOfWireTime(`${candidate}${traceTime}`))
    .filter((atMs) => atMs !== undefined)
    .toSorted((a, b) => Math.abs(a - noonMs) - Math.abs(b - noonMs))[0];
  if (nearest === undefined) throw broken('a row tells no time');
  return instantOf(nearest);
}

/** Pure: a row as a line; exceptions are of no kind of their own. */
export function lineOfRow(layout: Layout, row: Row, date: Day): StatementLine {
  const fen = /^\d{12}$/.test(row['amount'] ?? '') ? Number(row['amount']) : undefined;
  if (fen === undefined) throw broken('a row tells no amount');
  const kind = layout.name === 'ZM' ? (kinds[row['txnType'] ?? ''] ?? 'other') : 'other';
  const settled = signedFen(row['settlement']);
  const fee = signedFen(row['fee']);
  const isIn = settled === undefined || settled === 0 ? incoming.has(kind) : settled > 0;
  const { orderId, queryId, originalOrderId } = row;
  return {
    kind,
    ...(orderId === undefined ? {} : { merchantId: orderId }),
    ...(originalOrderId === undefined ? {} : { merchantPaymentId: originalOrderId }),
    ...(queryId === undefined ? {} : { channelId: queryId }),
    amount: yuan(fen),
    direction: isIn ? 'in' : 'out',
    ...(fee === undefined || fee === 0 ? {} : { fee: yuan(-fee) }),
    occurredAt: occurredAt(row, date),
    settledOn: date,
    raw: row,
  };
}
