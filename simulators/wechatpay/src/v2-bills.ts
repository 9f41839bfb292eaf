/** wechatpay simulator · v2 bills: the file itself is the answer, in plain or compressed. */
import { gzipSync } from 'node:zlib';
import { type TradeBillType, tradeBillTypes } from './bill.ts';
import { refusalOf, resultFail, returnFail } from './refusals.ts';
import type { Room } from './room.ts';
import { type BillWish, billOf, sha1Of } from './statement.ts';
import { isDayText } from './time.ts';
import { optionalField, type V2Call, type V2RawHandler } from './v2-call.ts';
import { plainXml } from './v2-reply.ts';

function dayOf(call: V2Call): string | undefined {
  const text = optionalField(call, 'bill_date', 8) ?? '';
  const date = text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  return isDayText(date) ? date : undefined;
}

interface Handing {
  readonly call: V2Call;
  readonly room: Room;
  readonly wish: BillWish;
}

function handedOut({ call, room, wish }: Handing) {
  const bill = billOf(wish, call.exchange, room);
  const zipped = optionalField(call, 'tar_type', 8) === 'GZIP';
  // Only the bill of funds comes with one: on another the fault has nothing to spoil.
  const isProven = wish.kind === 'funds';
  const wrong = isProven ? call.exchange.fault('bill-wrong-hash') : undefined;
  const digest = isProven ? { digest: `SHA=${sha1Of(bill, wrong)}` } : {};
  const type = zipped ? 'application/x-gzip' : 'text/plain; charset=utf-8';
  call.exchange.describe({ reply: `[bill, ${bill.length} bytes]` });
  return {
    status: 200,
    headers: { server: 'nginx', 'content-type': type, ...digest },
    body: zipped ? gzipSync(bill) : bill,
  };
}

/** Quirk: in words of its own, with `error_code` instead of `err_code`. */
export const tradeBill: V2RawHandler = (call, room) => {
  const { merchant } = call;
  const date = dayOf(call);
  if (date === undefined) throw returnFail('data format error');
  const type = optionalField(call, 'bill_type', 32) ?? 'ALL';
  if (!tradeBillTypes.some((one) => one === type)) throw returnFail('invalid bill_type');
  const wish = { kind: 'trade', type: type as TradeBillType, merchant, date } as const;
  try {
    return handedOut({ call, room, wish });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    const { code, message } = refusal.v2;
    return plainXml({ return_code: 'FAIL', return_msg: message, error_code: code });
  }
};

/** Quirk: signed with HMAC-SHA256 only; the hash stands in a header. */
export const fundsBill: V2RawHandler = (call, room) => {
  if (call.signType !== 'HMAC-SHA256') throw returnFail('签名类型错误，仅支持HMAC-SHA256');
  const { merchant } = call;
  const date = dayOf(call);
  const account = optionalField(call, 'account_type', 32);
  if (date === undefined || !['Basic', 'Operation', 'Fees'].includes(account ?? '')) {
    throw resultFail('PARAM_ERROR', '参数错误');
  }
  const codes: Readonly<Record<string, string>> = {
    20002: 'NO_BILL_EXIST',
    20003: 'BILL_CREATING',
  };
  if (account !== 'Basic') throw resultFail('NO_BILL_EXIST', '账单不存在');
  try {
    return handedOut({ call, room, wish: { kind: 'funds', type: 'ALL', merchant, date } });
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    throw resultFail(codes[refusal.v2.code] ?? 'SYSTEMERROR', refusal.message);
  }
};
