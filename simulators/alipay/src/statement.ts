/** alipay simulator · statement: when a bill exists, where it is fetched, and for how long. */
import { type Exchange, problem, type SimulatedReply } from '@polyrail/simulator';
import { billLines, writeTradeBill } from './bill.ts';
import type { BillPeriod } from './bill-layer.ts';
import { head, refuse } from './codes.ts';
import { invalidField, optionalText } from './fields.ts';
import { type Entry, merchantAccount } from './funds.ts';
import { writeFundsBill } from './funds-bill.ts';
import type { Merchant } from './merchants.ts';
import { billOriginOf } from './origins.ts';
import type { Call, Download, Handler, Room } from './room.ts';
import { dayMs, dayStart, dayText, hourMs } from './time.ts';

export const downloadPath = '/downloadBillFile.resource';
/** Quirk: the address opens for thirty seconds. */
const downloadLifeMs = 30_000;
const readyAtMs = 9 * hourMs;
const keptYears = 6;
const maximumDownloads = 1_000;

/** The first moment of the month after `YYYY-MM`. */
function monthAfter(month: string): number {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return dayStart(`${next}-01`);
}

/** The period of a day or a month; `undefined` for a text that is neither. */
function periodOf(date: string): BillPeriod | undefined {
  if (!/^\d{4}-\d{2}(-\d{2})?$/.test(date)) return undefined;
  const monthly = date.length === 7;
  const from = dayStart(monthly ? `${date}-01` : date);
  if (Number.isNaN(from) || !dayText(from).startsWith(date)) return undefined;
  return { from, to: monthly ? monthAfter(date) : from + dayMs };
}

function isReady(date: string, { to }: BillPeriod, room: Room): boolean {
  const monthly = date.length === 7;
  const readyAt = to + readyAtMs + (monthly ? 2 * dayMs : 0);
  return room.settled.has(date) || room.world.clock.now() >= readyAt;
}

/** What moved on a merchant's account in a period. */
const entriesIn = (merchant: Merchant, { from, to }: BillPeriod, room: Room): readonly Entry[] =>
  room.funds.lines(merchantAccount(merchant)).filter(({ at }) => at >= from && at < to);

interface Requested {
  readonly type: Download['type'];
  readonly date: string;
  readonly period: BillPeriod;
}

function requestedPeriod(call: Call, room: Room): Requested {
  const type = optionalText(call.content, 'bill_type', 64);
  if (type === undefined) throw refuse('INVAILID_ARGUMENTS');
  if (type !== 'trade' && type !== 'signcustomer') throw refuse('TYPE_NOT_SUPPORTED');
  const date = optionalText(call.content, 'bill_date', 15) ?? '';
  const period = periodOf(date);
  if (period === undefined) throw refuse('INVAILID_ARGUMENTS');
  if (period.to <= dayStart(call.merchant.registeredOn)) {
    throw refuse('BILL_DATE_BEFORE_REGISTRATION');
  }
  if (period.to < room.world.clock.now() - keptYears * 366 * dayMs) throw refuse('BILL_NOT_EXIST');
  return { type, date, period };
}

function keepDownload(room: Room, download: Download): string {
  const { downloads, world } = room;
  for (const [id, { expiresAt }] of downloads) {
    if (expiresAt < world.clock.now() || downloads.size >= maximumDownloads) downloads.delete(id);
  }
  const fileId = Buffer.from(world.random.fork('bills').bytes(16)).toString('hex');
  downloads.set(fileId, download);
  return fileId;
}

/** Which of the two spoilt bills a fault asks for. */
function spoilOf(exchange: Exchange): Download['spoil'] {
  if (exchange.fault('bill-truncated')) return 'truncated';
  return exchange.fault('bill-wrong-totals') ? 'wrong-totals' : undefined;
}

const queryDownload: Handler = (call, room) => {
  const { type, date, period } = requestedPeriod(call, room);
  if (call.exchange.fault('bill-not-ready') || !isReady(date, period, room)) {
    throw refuse('BILL_NOT_EXIST');
  }
  const { merchant, exchange } = call;
  const lines =
    type === 'trade'
      ? billLines(room.book.orders(merchant), period)
      : entriesIn(merchant, period, room);
  const empty = lines.length === 0;
  if (empty && room.options.emptyBills === 'none') throw refuse('NO_BILL_DATA');
  const expiresAt = room.world.clock.now() + downloadLifeMs;
  const fileId = keepDownload(room, { type, merchant, date, expiresAt, spoil: spoilOf(exchange) });
  const stamp = date.replaceAll('-', '');
  const query = new URLSearchParams({
    bizType: type,
    userId: `${merchant.sellerId}0156`,
    fileType: 'csv.zip',
    bizDates: stamp,
    downloadFileName: `${merchant.sellerId}0156_${stamp}.csv.zip`,
    fileId,
  });
  return {
    ...head(10000),
    bill_download_url: `${billOriginOf(exchange.origin)}${downloadPath}?${query}`,
    bill_file_code: empty ? 'EMPTY_DATA_WITH_BILL_FILE' : undefined,
  };
};

const plain = (status: number, body: string): SimulatedReply => ({
  status,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body,
});

/** Written when it is fetched: with whatever happened by then. */
function billOf(download: Download, room: Room, spoil: Download['spoil']): Uint8Array {
  const { merchant, date, type } = download;
  const period = periodOf(date) as BillPeriod;
  const bill = {
    merchant,
    ...period,
    stamp: date.replaceAll('-', ''),
    exportedAt: room.world.clock.now(),
    wrongTotals: spoil === 'wrong-totals',
    truncated: spoil === 'truncated',
  };
  if (type === 'trade') {
    return writeTradeBill({ ...bill, lines: billLines(room.book.orders(merchant), period) });
  }
  const columns = room.options.fundsBillColumns ?? 12;
  return writeFundsBill({ ...bill, columns, entries: entriesIn(merchant, period, room) });
}

/** The file behind a download address. */
export function downloadBill(query: string, room: Room, exchange: Exchange): SimulatedReply {
  const fileId = new URLSearchParams(query).get('fileId') ?? '';
  const download = room.downloads.get(fileId);
  exchange.describe({ request: { fileId: `${fileId.slice(0, 6)}…` } });
  if (download === undefined) return plain(404, '文件不存在');
  const now = room.world.clock.now();
  if (now > download.expiresAt) return plain(403, '下载地址已过期');
  const { merchant, date } = download;
  const stamp = date.replaceAll('-', '');
  const body = billOf(download, room, download.spoil ?? spoilOf(exchange));
  exchange.describe({ reply: `[ZIP, ${body.length} bytes]` });
  const name = `${merchant.sellerId}0156_${stamp}.csv.zip`;
  const headers = {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}"`,
  };
  return { status: 200, headers, body };
}

/** Makes the bill of a day available before its time. */
export function settleDay(date: string, room: Room): { readonly lines: number } {
  const period = periodOf(date);
  if (period === undefined || date.length !== 10) {
    throw problem({ field: 'date', rule: 'a day written YYYY-MM-DD', message: 'That is no day.' });
  }
  if (period.from > room.world.clock.now()) {
    const message = `${date} has not begun yet.`;
    throw problem({ field: 'date', rule: 'today or a day before', message, status: 409 });
  }
  room.settled.add(date);
  return { lines: billLines(room.book.orders(), period).length };
}

/** `alipay.open.app.alipaycert.download`: the certificate a reply named and the client lacks. */
const downloadCertificate: Handler = async (call, room) => {
  const sn = optionalText(call.content, 'alipay_cert_sn', 64);
  if (sn === undefined) throw invalidField('alipay_cert_sn', 'given');
  const pem = await room.platform.certificateOf(sn);
  if (pem === undefined) throw refuse('isv.alipay-cert-not-exist');
  return { ...head(10000), alipay_cert_content: Buffer.from(pem).toString('base64') };
};

export const statementHandlers: Readonly<Record<string, Handler>> = {
  'alipay.data.dataservice.bill.downloadurl.query': queryDownload,
  'alipay.open.app.alipaycert.download': downloadCertificate,
};
