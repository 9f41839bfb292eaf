/** wechatpay · statement: the bill of a day - asked for, downloaded, unpacked, read line by line (A9). */
import { createHash } from 'node:crypto';
import {
  type Call,
  type Clock,
  PolyrailError,
  type StatementKind,
  type StatementLine,
  type StatementRequest,
  type SuppliedLines,
} from '@polyrail/core';
import { decodeStream } from '@polyrail/kit/charset';
import { readLineBatches } from '@polyrail/kit/csv';
import { gunzip, isGzip } from '@polyrail/kit/gzip';
import { type BillLayout, broken, fundsBill, readBill, tradeBill } from '@polyrail/wechatpay-bills';
import { fromRejection } from './answer.ts';
import { billReadyAt } from './capabilities.ts';
import type { Settings } from './config.ts';
import { requiredText } from './messages.ts';
import { queryOf, subFields } from './partner.ts';
import { wireDay } from './time.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

const dayMs = 24 * 3_600_000;
/** A bill that should be there by now. */
const overdueMs = 10 * 60_000;
/** Text packs well; more than this is an attack, not a bill. */
const maxRatio = 40;
const maxLineLength = 16 * 1024;

const kinds: {
  readonly [K in StatementKind]: {
    readonly operation: 'bills.trade' | 'bills.funds';
    readonly path: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly layout: BillLayout;
  };
} = {
  trade: {
    operation: 'bills.trade',
    path: '/v3/bill/tradebill',
    fields: { bill_type: 'ALL' },
    layout: tradeBill,
  },
  funds: {
    operation: 'bills.funds',
    path: '/v3/bill/fundflowbill',
    fields: { account_type: 'BASIC' },
    layout: fundsBill,
  },
};

export function toStatement({ kind, date }: StatementRequest, settings: Settings): Exchange {
  const { operation, path, fields } = kinds[kind];
  const sub = kind === 'trade' ? subFields(settings) : {};
  const query = queryOf({ bill_date: date, ...fields, tar_type: 'GZIP', ...sub });
  return { operation, method: 'GET', target: `${path}${query}` };
}

const dueMsOf = (date: string): number => Date.parse(`${date}T${billReadyAt}:00.000+08:00`) + dayMs;

/** How long until the bill of a day is due, or the pause before asking again when it is overdue. */
export function retryAfterMs(date: string, nowMs: number): number {
  const dueMs = dueMsOf(date);
  return dueMs > nowMs ? dueMs - nowMs : overdueMs;
}

const notReady = (date: string, nowMs: number, channelCode?: string): PolyrailError =>
  new PolyrailError('NOT_READY', `The bill of ${date} is not there yet`, {
    retryAfterMs: retryAfterMs(date, nowMs),
    ...(channelCode === undefined ? {} : { channelCode }),
  });

/** Where a bill lies, and the digest of what is in it. */
export interface BillPlace {
  readonly url: string;
  /** SHA-1 in lower-case hex, of the bytes as they are after unpacking. */
  readonly digest: string;
}

/**
 * Pure: where the bill lies; `undefined` for a day without business.
 *
 * Quirk: such a day has no file, and "there is none" is also said before it is made.
 *
 * @throws PolyrailError `NOT_READY` with `retryAfterMs`
 */
export function fromStatement(
  answer: Answer,
  { kind, date }: StatementRequest,
  nowMs: number,
): BillPlace | undefined {
  if (answer.status === 200) {
    const { body } = answer;
    const digest = requiredText(body, 'hash_value').toLowerCase();
    if (requiredText(body, 'hash_type') !== 'SHA1' || !/^[0-9a-f]{40}$/.test(digest)) {
      throw broken('its digest is none of SHA-1');
    }
    return { url: requiredText(body, 'download_url'), digest };
  }
  const finding = fromRejection<'payment'>(kinds[kind].operation, answer);
  if (finding.status !== 'unknown' || finding.doubt !== 'not-found') {
    const cause = finding.status === 'unknown' ? finding.cause : undefined;
    throw cause ?? new PolyrailError('UNAVAILABLE', 'The bill is not told of');
  }
  const { channelCode } = finding;
  const none = channelCode === 'NO_STATEMENT_EXIST' && nowMs >= dueMsOf(date);
  if (none) return undefined;
  throw notReady(date, nowMs, channelCode);
}

/** The bytes of a bill, unpacked; ends normally only when their digest is the one that was signed. */
async function* provenBytes(
  file: Uint8Array,
  digest: string,
  maxBytes: number,
): AsyncGenerator<Uint8Array, undefined> {
  const hash = createHash('sha1');
  // Quirk: asked for packed, some bills come plain.
  for await (const piece of isGzip(file) ? gunzip(file, { maxBytes }) : [file]) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== digest) throw broken('its digest is another than the signed one');
}

async function* nothing(): AsyncGenerator<StatementLine> {
  // A day without business.
}

export function statementVerbs(
  wire: Wire,
  { settings, clock }: { readonly settings: Settings; readonly clock: Clock },
) {
  return {
    async statement(request: StatementRequest, call: Call): Promise<SuppliedLines> {
      const { date, kind } = request;
      // The day is not over: WeChat Pay refuses the question.
      if (date >= wireDay(clock.now())) throw notReady(date, clock.now());
      const answer = await wire.call(toStatement(request, settings), call);
      const place = fromStatement(answer, request, clock.now());
      if (place === undefined) return nothing();
      // Quirk: the address lives for minutes, so the file is fetched here and now.
      const file = await wire.download(place.url, call);
      const maxBytes = settings.statementMaxBytes * maxRatio;
      const bytes = provenBytes(file, place.digest, maxBytes);
      // In short pieces: the heap stays as small as it was.
      const text = decodeStream(bytes, 'utf-8', { fatal: true });
      return readBill(readLineBatches(text, { maxLineLength }), kinds[kind].layout);
    },
  };
}
