/** wechatpay-v2 · statement: the bill of a day - asked for, unpacked, read line by line (B6). */
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
import { fromRejection, wordsOf } from './answer.ts';
import { billReadyAt } from './capabilities.ts';
import type { Settings } from './config.ts';
import type { Reply } from './road.ts';
import { wireDay } from './time.ts';
import { type Answer, type Exchange, party, type Wire } from './wire.ts';

const dayMs = 24 * 3_600_000;
/** A bill that should be there by now. */
const overdueMs = 10 * 60_000;
/** Text packs well; more than this is an attack, not a bill. */
const maxRatio = 40;
const maxLineLength = 16 * 1024;

const kinds: {
  readonly [K in StatementKind]: {
    readonly operation: 'downloadbill' | 'downloadfundflow';
    readonly fields: Readonly<Record<string, string>>;
    readonly layout: BillLayout;
  };
} = {
  trade: { operation: 'downloadbill', fields: { bill_type: 'ALL' }, layout: tradeBill },
  funds: { operation: 'downloadfundflow', fields: { account_type: 'Basic' }, layout: fundsBill },
};

/** Pure: a bill in the channel's words. */
export const toStatement = ({ kind, date }: StatementRequest, settings: Settings): Exchange => ({
  operation: kinds[kind].operation,
  fields: {
    ...party(settings),
    bill_date: date.replaceAll('-', ''),
    ...kinds[kind].fields,
    tar_type: 'GZIP',
  },
});

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

/**
 * Pure: returns for a day without business.
 *
 * Quirk: such a day has no file, and "there is none" is also said before it is made.
 *
 * @throws PolyrailError `NOT_READY` with `retryAfterMs`; `REFUSED`; `UNAVAILABLE`
 */
export function requireNothing(
  answer: Answer,
  { kind, date }: StatementRequest,
  nowMs: number,
): void {
  const finding = fromRejection<'payment'>(kinds[kind].operation, answer);
  if (finding.status !== 'unknown' || finding.doubt !== 'not-found') {
    const cause = finding.status === 'unknown' ? finding.cause : undefined;
    throw cause ?? new PolyrailError('UNAVAILABLE', 'The bill is not told of');
  }
  const { channelCode, channelMessage } = wordsOf(answer);
  const said = channelCode ?? channelMessage ?? '';
  if (/^No[ _]Bill[ _]Exist$/i.test(said) && nowMs >= dueMsOf(date)) return;
  throw notReady(date, nowMs, said);
}

/** The digest that the bill of funds comes with, in lower-case hexadecimal. */
const digestOf = ({ headers }: Reply): string | undefined =>
  /^SHA=([0-9a-f]{40})$/i.exec(headers['digest']?.trim() ?? '')?.[1]?.toLowerCase();

const sha1 = () => createHash('sha1');

const pieceBytes = 64 * 1024;

/** A file that came plain, in pieces like those of an unpacked one. */
function* piecesOf(body: Uint8Array): Generator<Uint8Array, undefined> {
  for (let at = 0; at < body.byteLength; at += pieceBytes) {
    yield body.subarray(at, at + pieceBytes);
  }
}

/**
 * The bytes of a bill, unpacked; ends normally only when its digest fits, where it came with one.
 *
 * Quirk: it is not documented whether that is the digest of the packed or of the unpacked file.
 */
async function* provenBytes(reply: Reply, maxBytes: number): AsyncGenerator<Uint8Array, undefined> {
  const { body } = reply;
  const digest = digestOf(reply);
  const hash = sha1();
  // Quirk: asked for packed, some bills come plain.
  for await (const piece of isGzip(body) ? gunzip(body, { maxBytes }) : piecesOf(body)) {
    if (digest !== undefined) hash.update(piece);
    yield piece;
  }
  if (digest === undefined || hash.digest('hex') === digest) return;
  if (sha1().update(body).digest('hex') === digest) return;
  throw broken('its digest is another than the one it came with');
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
      const { date, kind } = request;
      // The day is not over: WeChat Pay refuses the question.
      if (date >= wireDay(clock.now())) throw notReady(date, clock.now());
      const told = await wire.download(toStatement(request, settings), call);
      if ('communicated' in told) {
        requireNothing(told, request, clock.now());
        return nothing();
      }
      const maxBytes = settings.statementMaxBytes * maxRatio;
      const bytes = provenBytes(told, maxBytes);
      // In short pieces: the heap stays as small as it was.
      const text = decodeStream(bytes, 'utf-8', { fatal: true });
      return readBill(readLineBatches(text, { maxLineLength }), kinds[kind].layout);
    },
  };
}
