/** wechatpay simulator · v3 bills: a day's bill is asked for, then fetched by a token. */
import { gzipSync } from 'node:zlib';
import { tradeBillTypes } from './bill.ts';
import { optionalWord, querySource, requiredText, type Source, wrong } from './fields.ts';
import { letters } from './numbers.ts';
import { refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import { type BillWish, billOf, sha1Of } from './statement.ts';
import { dayMs, dayStart, isDayText, minuteMs } from './time.ts';
import { ownOrSub, type V3Call, type V3Handler, type V3RawHandler } from './v3-call.ts';

const downloadLifeMs = 5 * minuteMs;
const maximumDownloads = 1_000;

function billDate(source: Source, room: Room): string {
  const date = requiredText(source, 'bill_date', 10);
  if (!isDayText(date)) throw wrong(source, 'bill_date', '日期格式不正确');
  // Quirk: a day that is not over is a wrong parameter, unless the simulator was told to settle it.
  const over = dayStart(date) + dayMs <= room.world.clock.now();
  if (!over && !room.settled.has(date))
    throw wrong(source, 'bill_date', '账单日期不能是今天或未来');
  return date;
}

function keep(room: Room, merchant: BillWish['merchant'], bytes: Uint8Array): string {
  const { downloads, world } = room;
  const now = world.clock.now();
  for (const [token, { expiresAt }] of downloads) {
    if (expiresAt < now || downloads.size >= maximumDownloads) downloads.delete(token);
  }
  const token = letters(world.random.fork('tokens'), 48);
  downloads.set(token, { merchant, bytes, expiresAt: now + downloadLifeMs });
  return token;
}

function handedOut(call: V3Call, wish: BillWish, room: Room): object {
  const zipped = optionalWord(querySource(call.query), 'tar_type', ['GZIP']) === 'GZIP';
  const { exchange } = call;
  const bill = billOf(wish, exchange, room);
  const token = keep(room, call.merchant, zipped ? gzipSync(bill) : bill);
  const query = `token=${token}${zipped ? '&tartype=gzip' : ''}`;
  return {
    download_url: `${originOf(call, room)}/v3/billdownload/file?${query}`,
    hash_type: 'SHA1',
    hash_value: sha1Of(bill, exchange.fault('bill-wrong-hash')),
  };
}

/** The origin the client came by: it is cut off again before the download is signed. */
function originOf({ exchange, request }: V3Call, { world }: Room): string {
  const secure = world.secure();
  return request.secure && secure !== undefined ? secure.url : exchange.origin;
}

export const tradeBill: V3Handler = (call, room) => {
  const source = querySource(call.query);
  const type = optionalWord(source, 'bill_type', tradeBillTypes) ?? 'ALL';
  const merchant = ownOrSub(call, call.query['sub_mchid'], 'query');
  return handedOut(call, { kind: 'trade', type, merchant, date: billDate(source, room) }, room);
};

export const fundFlowBill: V3Handler = (call, room) => {
  const source = querySource(call.query);
  const account = optionalWord(source, 'account_type', ['BASIC', 'OPERATION', 'FEES']) ?? 'BASIC';
  const date = billDate(source, room);
  const { merchant } = call;
  if (account !== 'BASIC') throw refuseV3(400, 'NO_STATEMENT_EXIST', { message: '账单文件不存在' });
  return handedOut(call, { kind: 'funds', type: 'ALL', merchant, date }, room);
};

/** Quirk: signed by whoever fetches it, but not by the platform. */
export const downloadBill: V3RawHandler = (call, room) => {
  const { token = '', tartype } = call.query;
  const download = room.downloads.get(token);
  const expired = call.exchange.fault('bill-expired') !== undefined;
  const now = room.world.clock.now();
  if (download === undefined || expired || now > download.expiresAt) {
    throw refuseV3(400, 'INVALID_REQUEST', { message: '账单下载链接无效或已过期' });
  }
  if (download.merchant !== call.merchant) {
    throw refuseV3(403, 'NO_AUTH', { message: '无权下载该账单' });
  }
  const { bytes } = download;
  call.exchange.describe({ reply: `[bill, ${bytes.length} bytes]` });
  const type = tartype === 'gzip' ? 'application/x-gzip' : 'text/plain; charset=utf-8';
  return { status: 200, headers: { server: 'nginx', 'content-type': type }, body: bytes };
};
