/** unionpay · statement: the settlement file of a day - fetched, unpacked, read row by row (dossier §9.11, §13). */
import { createInflate } from 'node:zlib';
import {
  type Call,
  type Clock,
  dayOf,
  PolyrailError,
  type StatementLine,
  type StatementRequest,
  type SuppliedLines,
} from '@polyrail/core';
import { contradicts, requiredText, textOf } from '@polyrail/kit/fields';
import { openZip, type ZipEntry } from '@polyrail/kit/zip';
import { fromRejection, isDone } from './answer.ts';
import { dayEndsAt, fileReadyAt } from './capabilities.ts';
import type { Settings } from './config.ts';
import type { Message } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { services } from './transactions.ts';
import type { Wire } from './wire.ts';
import { broken, type Layout, lineOfRow, readRows, zm, zme } from './zm.ts';

const dayMs = 24 * 3_600_000;
/** A file that should be there by now. */
const overdueMs = 10 * 60_000;
/** Blanks and zeros pack well; more than this is an attack, not a file. */
const maxRatio = 400;

/** Pure: a day's file in UnionPay's words. Quirk: the day is told without its year. */
export const toStatement = ({ date }: StatementRequest, startedAt: string): Exchange => ({
  transaction: services.file,
  order: { startedAt },
  fields: { settleDate: date.slice(5).replace('-', ''), fileType: '00' },
});

const dueMsOf = (date: string): number => Date.parse(`${date}T${fileReadyAt}:00.000+08:00`) + dayMs;

const notReady = (date: string, nowMs: number): PolyrailError => {
  const dueMs = dueMsOf(date);
  return new PolyrailError('NOT_READY', `The file of ${date} is not there yet`, {
    retryAfterMs: dueMs > nowMs ? dueMs - nowMs : overdueMs,
  });
};

/**
 * Pure: the answer's file, or nothing for a day without business.
 *
 * Quirk: 98 says that there is no file: not made yet, or nothing to put into it - and also that the
 * merchant may fetch none. Before the file is due it is the first, after that the second.
 *
 * @throws PolyrailError `NOT_READY` with `retryAfterMs`, `REFUSED`
 */
export function packedFile(
  message: Message,
  date: string,
  { nowMs, environment }: { readonly nowMs: number; readonly environment: string },
): Uint8Array | undefined {
  if (!isDone(message)) {
    if (textOf(message, 'respCode') === '98') {
      if (nowMs < dueMsOf(date)) throw notReady(date, nowMs);
      return undefined;
    }
    const finding = fromRejection<'payment'>(services.file, message);
    const cause = finding.status === 'unknown' ? finding.cause : undefined;
    throw cause ?? new PolyrailError('UNAVAILABLE', 'UnionPay does not tell the file');
  }
  const name = requiredText(message, 'fileName');
  const [, year, monthDay] = /_(\d{4})(\d{4})\.zip$/.exec(name) ?? [];
  // Quirk: the test platform gives out files of other years.
  const isOfYear = environment === 'test' || year === date.slice(0, 4);
  if (!isOfYear || monthDay !== date.slice(5).replace('-', '')) {
    throw contradicts('The answer holds the file of another day');
  }
  const content = requiredText(message, 'fileContent');
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(content)) throw broken('it is no base64');
  return Buffer.from(content, 'base64');
}

/** The archive inside, which zlib's own checksum proves. */
async function inflated(packed: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const stream = createInflate();
  stream.end(packed);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of stream as AsyncIterable<Uint8Array>) {
      size += piece.byteLength;
      if (size > maxBytes) break;
      pieces.push(piece);
    }
  } catch {
    throw broken('it cannot be unpacked');
  } finally {
    stream.destroy();
  }
  if (size > maxBytes) throw broken(`it unpacks to more than ${maxBytes} bytes`);
  return Buffer.concat(pieces);
}

/** Transactions and exceptions by their names' middle; the summary is for people (§13.2). */
function layoutOf(entry: ZipEntry): Layout | undefined {
  if (/^INN\d{6}88ZM_/.test(entry.name)) return zm;
  return /^INN\d{6}88ZME_/.test(entry.name) ? zme : undefined;
}

async function* linesOf(
  archive: Uint8Array,
  {
    date,
    merId,
    maxBytes,
  }: { readonly date: string; readonly merId: string; readonly maxBytes: number },
): AsyncGenerator<readonly StatementLine[], undefined> {
  const limits = { maxEntryBytes: maxBytes, maxTotalBytes: maxBytes, maxRatio };
  const entries = await openZip(archive, limits);
  const found = entries.flatMap((entry) => {
    const layout = layoutOf(entry);
    return layout === undefined ? [] : [{ entry, layout }];
  });
  if (!found.some(({ layout }) => layout === zm)) throw broken('it holds no transactions');
  for (const { entry, layout } of found) {
    for await (const rows of readRows(layout, entry.stream())) {
      yield rows.map((row) => {
        if (row['merId'] !== merId) throw contradicts('A row belongs to another merchant');
        return lineOfRow(layout, row, date);
      });
    }
  }
  return undefined;
}

async function* nothing(): AsyncGenerator<StatementLine> {
  // A day without business.
}

export function statementVerbs({
  wire,
  settings,
  clock,
}: {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
}) {
  return {
    async statement(request: StatementRequest, call: Call): Promise<SuppliedLines> {
      const { date } = request;
      const nowMs = clock.now();
      // The day is not over: there is nothing to ask for.
      if (date >= dayOf(nowMs, 'Asia/Shanghai', dayEndsAt)) throw notReady(date, nowMs);
      const message = await wire.call(toStatement(request, call.ref.startedAt), call);
      const { environment, merId, statementMaxBytes } = settings;
      const packed = packedFile(message, date, { nowMs, environment });
      if (packed === undefined) return nothing();
      const archive = await inflated(packed, statementMaxBytes);
      return linesOf(archive, { date, merId, maxBytes: statementMaxBytes * 64 });
    },
  };
}
