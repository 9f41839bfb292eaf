/** alipay · statement: the bill of a day - asked for, downloaded, unpacked, read line by line. */
import {
  type Call,
  type Clock,
  PolyrailError,
  type StatementKind,
  type StatementLine,
  type StatementRequest,
} from '@polyrail/core';
import { decodeStream } from '@polyrail/kit/charset';
import { readLineBatches } from '@polyrail/kit/csv';
import { openZip } from '@polyrail/kit/zip';
import { fromRejection, isAccepted } from './answer.ts';
import { type BillLayout, type BillReader, type BillSubject, createBillReader } from './bill.ts';
import { billReadyAt } from './capabilities.ts';
import type { Settings } from './config.ts';
import { fundsBill } from './funds-bill.ts';
import { type Message, requiredText, textOf } from './messages.ts';
import { tradeBill } from './trade-bill.ts';
import type { Exchange, Wire } from './wire.ts';

const method = 'alipay.data.dataservice.bill.downloadurl.query';
const dayMs = 24 * 3_600_000;
/** A bill that should be there by now. */
const overdueMs = 10 * 60_000;
/** Text packs well; more than this is an attack, not a bill. */
const maxRatio = 100;
const maxEntries = 16;
const maxLineLength = 16 * 1024;

/** Quirk: the statement of the account is called by the contract of its first customers. */
const billTypes = { trade: 'trade', funds: 'signcustomer' } as const satisfies {
  readonly [K in StatementKind]: string;
};
const layouts: { readonly [K in StatementKind]: BillLayout } = {
  trade: tradeBill,
  funds: fundsBill,
};

export const toStatement = ({ kind, date }: StatementRequest): Exchange => ({
  method,
  fields: { bill_type: billTypes[kind], bill_date: date },
});

/** How long until the bill of a day is due, or the pause before asking again when it is overdue. */
export function retryAfterMs(date: string, nowMs: number): number {
  const dueMs = Date.parse(`${date}T${billReadyAt}:00.000+08:00`) + dayMs;
  return dueMs > nowMs ? dueMs - nowMs : overdueMs;
}

/**
 * Pure: where the bill lies; `undefined` for a day without business.
 *
 * Quirk: such a day has a file without rows, or no file at all.
 *
 * @throws PolyrailError `NOT_READY` with `retryAfterMs`
 */
export function fromStatement(node: Message, date: string, nowMs: number): string | undefined {
  if (isAccepted(node)) {
    if (textOf(node, 'bill_file_code') === 'EMPTY_DATA_WITH_BILL_FILE') return undefined;
    const url = requiredText(node, 'bill_download_url');
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
    const message = 'The address of the bill is no http or https URL';
    throw new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });
  }
  const finding = fromRejection<'payment'>(method, node);
  if (finding.status !== 'unknown' || finding.doubt !== 'not-found') {
    const cause = finding.status === 'unknown' ? finding.cause : undefined;
    throw cause ?? new PolyrailError('UNAVAILABLE', 'The bill is refused without a reason');
  }
  const { channelCode, channelMessage } = finding;
  if (channelCode?.endsWith('NO_BILL_DATA')) return undefined;
  throw new PolyrailError('NOT_READY', `The bill of ${date} is not there yet`, {
    retryAfterMs: retryAfterMs(date, nowMs),
    ...(channelCode === undefined ? {} : { channelCode }),
    ...(channelMessage === undefined ? {} : { channelMessage }),
  });
}

type Archive = Awaited<ReturnType<typeof openZip>>;

type Batch = Iterable<StatementLine>;

/** Made one by one as they are asked for: a batch of them would outlive the youngest of the heap. */
function* made(lines: readonly string[], reader: BillReader): Generator<StatementLine, undefined> {
  for (const line of lines) {
    const read = reader.read(line);
    if (read !== undefined) yield read;
  }
}

/** The lines of every detail file; at least one there must be. */
async function* linesOf(
  archive: Archive,
  layout: BillLayout,
  subject: BillSubject,
): AsyncGenerator<Batch> {
  let details = 0;
  for (const entry of archive) {
    const reader = createBillReader(layout, subject);
    const text = decodeStream(entry.stream(), 'gbk');
    let begun = false;
    let other = false;
    for await (const lines of readLineBatches(text, { maxLineLength })) {
      const [first] = lines;
      // Quirk: the summary often comes first, and names are in GBK: the first line tells the file.
      other = !begun && first !== undefined && !first.startsWith(layout.title);
      if (other) break;
      begun ||= first !== undefined;
      yield made(lines, reader);
    }
    if (other || !begun) continue;
    reader.finish();
    details += 1;
  }
  if (details > 0) return;
  const message = 'The archive does not hold the bill that was asked for';
  throw new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });
}

async function* nothing(): AsyncGenerator<Batch> {
  // A day without business.
}

export function statementVerbs(
  wire: Wire,
  { settings, clock }: { readonly settings: Settings; readonly clock: Clock },
) {
  return {
    async statement(request: StatementRequest, call: Call): Promise<AsyncIterable<Batch>> {
      const node = await wire.call(toStatement(request), call);
      const url = fromStatement(node, request.date, clock.now());
      if (url === undefined) return nothing();
      // Quirk: the address lives for thirty seconds, so the file is fetched here and now.
      const file = await wire.download(url, call);
      const maxBytes = settings.statementMaxBytes * maxRatio;
      const limits = { maxEntries, maxEntryBytes: maxBytes, maxTotalBytes: maxBytes, maxRatio };
      const archive = await openZip(file, limits);
      return linesOf(archive, layouts[request.kind], {
        date: request.date,
        sellerId: settings.sellerId,
      });
    },
  };
}
