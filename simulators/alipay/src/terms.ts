/** alipay simulator · terms: what a merchant asks to be paid, judged alike for every product. */

import { refuse } from './codes.ts';
import type { Content } from './envelope.ts';
import {
  checkGoods,
  invalidField,
  oneOf,
  optionalAmount,
  optionalText,
  orderNumber,
  requiredAmount,
  requiredText,
} from './fields.ts';
import { inCertificateMode } from './gateway.ts';
import type { Order, Product, Terms } from './order.ts';
import type { Call, Room } from './room.ts';
import type { Voice } from './seal.ts';
import { dayMs, hourMs, midnightAfter, minuteMs, parseTime } from './time.ts';

const highestTotal = 10_000_000_000;
const unitMs: Readonly<Record<string, number>> = { m: minuteMs, h: hourMs, d: dayMs };
const faceToFace: ReadonlySet<Product> = new Set(['barcode', 'precreate']);

/** `1m` to `15d`, or `1c`: until midnight. */
export function durationOf(content: Content, name: string, now: number): number | undefined {
  const text = optionalText(content, name, 6);
  if (text === undefined) return undefined;
  if (text === '1c') return midnightAfter(now) - now;
  const [, count = '', unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? 0);
  if (!(ms >= minuteMs && ms <= 15 * dayMs)) throw invalidField(name, '1m to 15d, or 1c');
  return ms;
}

function expiryOf(content: Content, now: number): number | undefined {
  const text = optionalText(content, 'time_expire', 32);
  if (text === undefined) return undefined;
  const at = parseTime(text);
  if (at === undefined) throw invalidField('time_expire', 'a time written yyyy-MM-dd HH:mm:ss');
  if (at <= now) throw refuse('ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR');
  return at;
}

function totalOf(content: Content): number {
  const total = requiredAmount(content, 'total_amount');
  if (total > highestTotal) throw refuse('ACQ.TOTAL_FEE_EXCEED');
  const discountable = optionalAmount(content, 'discountable_amount') ?? 0;
  const undiscountable = optionalAmount(content, 'undiscountable_amount') ?? 0;
  if (discountable + undiscountable > total) {
    throw invalidField('total_amount', 'no less than its discountable and undiscountable parts');
  }
  return total;
}

function subjectOf(content: Content): string {
  const subject = requiredText(content, 'subject', 256);
  if (/[/=&]/.test(subject)) throw invalidField('subject', 'without / = &');
  return subject;
}

/** Page and wap calls name their product; others may. */
const productCodes: Readonly<Record<Product, { words?: readonly string[]; required?: boolean }>> = {
  barcode: { words: ['FACE_TO_FACE_PAYMENT'] },
  precreate: {},
  create: {},
  page: { words: ['FAST_INSTANT_TRADE_PAY'], required: true },
  wap: { words: ['QUICK_WAP_WAY', 'QUICK_WAP_PAY'], required: true },
  app: {},
  deduction: { words: ['CYCLE_PAY_AUTH', 'GENERAL_WITHHOLDING'], required: true },
  capture: { words: ['PRE_AUTH', 'PRE_AUTH_ONLINE', 'PREAUTH_PAY'], required: true },
};

function checkProduct(content: Content, product: Product): void {
  const { words, required } = productCodes[product];
  if (words !== undefined) oneOf(content, 'product_code', words);
  if (required) requiredText(content, 'product_code', 64);
}

export function addressOf(call: Call, name: 'notify_url' | 'return_url'): string | undefined {
  const url = call.parameters[name];
  if (url === undefined || url === '') return undefined;
  if (url.length <= 256 && /^https?:\/\/[^#]+$/i.test(url) && URL.canParse(url)) return url;
  throw refuse('isv.invalid-parameter', {
    text: `+：${name}`,
    field: name,
    note: `${name}: http(s), no fragment`,
  });
}

/** How the merchant is spoken to about what this call began. */
export const voiceOf = (call: Call): Voice => ({
  charset: call.charset,
  signType: call.signType,
  certificates: inCertificateMode(call),
});

/** The terms of a payment request, every field judged. */
export function termsOf(call: Call, room: Room, product: Product): Terms {
  const { content, merchant } = call;
  const now = room.world.clock.now();
  const outTradeNo = orderNumber(content);
  const total = totalOf(content);
  const subject = subjectOf(content);
  checkProduct(content, product);
  checkGoods(content);
  const seller = optionalText(content, 'seller_id', 28);
  if (seller !== undefined && seller !== merchant.sellerId) throw refuse('ACQ.SELLER_NOT_EXIST');
  const usual = faceToFace.has(product) ? 3 * hourMs : 15 * dayMs;
  return {
    outTradeNo,
    total,
    subject,
    product,
    body: optionalText(content, 'body', 128),
    passbackParams: optionalText(content, 'passback_params', 512),
    storeId: optionalText(content, 'store_id', 32),
    operatorId: optionalText(content, 'operator_id', 28),
    terminalId: optionalText(content, 'terminal_id', 32),
    expiresAt: expiryOf(content, now),
    timeoutMs: durationOf(content, 'timeout_express', now) ?? usual,
    qrTimeoutMs: durationOf(content, 'qr_code_timeout_express', now),
    notifyUrl: addressOf(call, 'notify_url'),
    returnUrl: addressOf(call, 'return_url'),
    ...voiceOf(call),
  };
}

/** Whether two requests under one number ask for the same thing. */
export const sameTerms = (one: Terms, other: Terms): boolean =>
  one.total === other.total && one.subject === other.subject && one.body === other.body;

/**
 * The order this number already names, if a repetition may go on with it: the same content, and
 * neither paid nor closed. An expired QR does not count: the number may be used again.
 */
export function repeatable(call: Call, room: Room, terms: Terms): Order | undefined {
  const known = room.book.find(call.merchant, terms.outTradeNo);
  if (known === undefined) return undefined;
  if (!sameTerms(known.terms, terms)) throw refuse('ACQ.CONTEXT_INCONSISTENT');
  if (known.state === 'VOID' && known.endedBy === 'timeout') return undefined;
  if (known.state === 'VOID' || known.state === 'TRADE_CLOSED') throw refuse('ACQ.TRADE_HAS_CLOSE');
  if (known.paidAt !== undefined) throw refuse('ACQ.TRADE_HAS_SUCCESS');
  return known;
}
