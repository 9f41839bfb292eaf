/** alipay simulator · notification: tells merchants what became of a trade, on the real ladder. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
import { encodeText } from './charset.ts';
import { formText } from './envelope.ts';
import { yuan } from './fields.ts';
import type { Identity } from './merchants.ts';
import { type Change, type Order, refundedOf } from './order.ts';
import { corrupted } from './reply.ts';
import type { Room } from './room.ts';
import { notificationText, sealNow } from './seal.ts';
import { compactDay, dayMs, hourMs, minuteMs, timeText, timeTextMs } from './time.ts';

/** The operation name under which notifications stand in journal and fault rules. */
export const notificationOperation = 'trade_status_sync';

/** Gaps between the eight deliveries: 24 hours and 24 minutes in all. */
export const notificationLadderMs: readonly number[] = [
  4 * minuteMs,
  10 * minuteMs,
  10 * minuteMs,
  hourMs,
  2 * hourMs,
  6 * hourMs,
  15 * hourMs,
];

type Fields = Readonly<Record<string, string>>;

const filled = (members: Readonly<Record<string, string | undefined>>): Fields =>
  Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );

function paidMembers({ terms, paidAt }: Order) {
  if (paidAt === undefined) return {};
  const amount = yuan(terms.total);
  return {
    gmt_payment: timeText(paidAt),
    receipt_amount: amount,
    invoice_amount: amount,
    buyer_pay_amount: amount,
    point_amount: '0.00',
    // Quirk: camel case here, snake case in answers.
    fund_bill_list: JSON.stringify([{ amount, fundChannel: 'ALIPAYACCOUNT' }]),
  };
}

function refundMembers(order: Order, change: Change) {
  const refund = order.refunds.at(-1);
  if (refund === undefined) return {};
  // The end of the refund window is no refund: only the sum is told.
  if (change === 'finished') return { refund_fee: yuan(refundedOf(order)) };
  return {
    gmt_refund: timeTextMs(refund.at),
    refund_fee: yuan(refundedOf(order)),
    send_back_fee: yuan(refund.amount),
    out_biz_no: refund.cancelled ? undefined : refund.outRequestNo,
  };
}

const charsetNames = { 'utf-8': 'utf-8', gbk: 'GBK' } as const;

/** Everything but `notify_time` and the signature: the same on every repetition. */
function eventFields(order: Order, change: Change, notifyId: string): Fields {
  const { merchant, terms, payer, closedAt } = order;
  return filled({
    notify_type: notificationOperation,
    notify_id: notifyId,
    charset: charsetNames[terms.charset],
    version: '1.0',
    sign_type: terms.signType,
    app_id: merchant.appId,
    auth_app_id: merchant.appId,
    trade_no: order.tradeNo,
    out_trade_no: terms.outTradeNo,
    buyer_id: payer.userId,
    buyer_logon_id: payer.logonId,
    seller_id: merchant.sellerId,
    trade_status: order.state,
    total_amount: yuan(terms.total),
    subject: terms.subject,
    body: terms.body,
    passback_params: terms.passbackParams,
    gmt_create: timeText(order.tradeCreatedAt ?? order.createdAt),
    gmt_close: closedAt === undefined ? undefined : timeText(closedAt),
    ...paidMembers(order),
    ...refundMembers(order, change),
  });
}

/** One event to be told. */
interface Told {
  readonly order: Order;
  readonly event: Fields;
  readonly room: Room;
}

type Take = (fault: string) => FaultRule | undefined;

/** What faults make of the fields before they are signed. */
function spoilt(fields: Fields, order: Order, take: Take): Fields {
  const stale = take('stale-timestamp');
  const amount = take('wrong-amount');
  const other = take('wrong-order');
  const age = Number(stale?.['ageMs'] ?? 2 * dayMs);
  return {
    ...fields,
    ...(stale && { notify_time: timeText(Date.parse(`${fields['notify_time']}+08:00`) - age) }),
    ...(amount && { total_amount: wrongAmount(amount, order.terms.total) }),
    ...(other && { out_trade_no: wrongOrder(other, order.terms.outTradeNo) }),
  };
}

/** Another amount than the true one: the rule's (fen), or a fen more. */
export function wrongAmount(rule: FaultRule, fen: number): string {
  const given = Number(rule['amount'] ?? Number.NaN);
  return yuan(Number.isSafeInteger(given) ? given : fen + 1);
}

/** Another order's number. */
export const wrongOrder = (rule: FaultRule, outTradeNo: string): string =>
  String(rule['otherId'] ?? `${outTradeNo.slice(0, 62)}_2`);

/** Faults are asked for by the notification's own operation and its order's number. */
function takeFor(order: Order, room: Room): Take {
  const subject = { operation: notificationOperation, id: order.terms.outTradeNo };
  return (fault) => room.world.faults.take(fault, subject);
}

/** One delivery of an event: dated now, signed by `identity`, or spoilt by the faults that strike. */
function sealed({ order, event, room }: Told, identity: Identity): Sealed {
  const { clock } = room.world;
  const take = takeFor(order, room);
  const { charset, signType } = order.terms;
  const fields = spoilt({ notify_time: timeText(clock.now()), ...event }, order, take);
  const key = take('foreign-signature') ? room.platform.foreignKey : identity.privateKey;
  const signature = sealNow(signType, key, encodeText(notificationText(fields), charset));
  const sign = take('bad-signature') ? corrupted(signature) : signature;
  return written({ ...fields, sign }, charset);
}

function written(fields: Fields, charset: Order['terms']['charset']): Sealed {
  const headers = { 'content-type': `application/x-www-form-urlencoded; charset=${charset}` };
  return { headers, body: formText(fields, charset) };
}

/** What somebody without the platform's key would send: it says paid, the signature is his own. */
function forged({ order, event, room }: Told): Sealed {
  const { charset, signType } = order.terms;
  const now = room.world.clock.now();
  const paid = { ...event, trade_status: 'TRADE_SUCCESS', gmt_payment: timeText(now) };
  const fields = { ...paid, notify_id: `${event['notify_id']}`.replace(/.$/, '0') };
  const dated = { ...fields, notify_time: timeText(now) };
  const text = encodeText(notificationText(dated), charset);
  return written({ ...dated, sign: sealNow(signType, room.platform.foreignKey, text) }, charset);
}

/** Which changes are told: closing an open trade only where the merchant's product does. */
function isTold(order: Order, change: Change, room: Room): boolean {
  if (change !== 'closed' || order.paidAt !== undefined) return true;
  const byMerchant = order.endedBy === 'close' || order.endedBy === 'cancel';
  return !byMerchant || room.options.tradeCloseNotifies !== false;
}

const isSuccess = (body: Uint8Array): boolean => Buffer.from(body).toString('latin1') === 'success';

function push(url: string, told: Told, identity: Identity): void {
  const { order, room } = told;
  room.world.notifier.send({
    url,
    operation: notificationOperation,
    id: order.terms.outTradeNo,
    ladderMs: notificationLadderMs,
    // Quirk: seven bytes exactly; `SUCCESS`, a line end or a redirect is no.
    accepts: ({ status, body }) => status === 200 && isSuccess(body),
    ...sealed(told, identity),
    rebuild: () => sealed(told, identity),
    forge: () => forged(told),
  });
}

/** Sends the notification of a change, if the order named an address for it. */
export function notifyChange(order: Order, change: Change, room: Room): void {
  const { notifyUrl } = order.terms;
  const url = (change === 'closed' ? order.closeNotifyUrl : undefined) ?? notifyUrl;
  if (url === undefined || !isTold(order, change, room)) return;
  const { clock, random } = room.world;
  const notifyId = compactDay(clock.now()) + random.fork('notify_id').digits(26);
  const told = { order, room, event: eventFields(order, change, notifyId) };
  room.notices.add(() => {
    if (takeFor(order, room)('key-rotation') === undefined) {
      push(url, told, room.platform.identity);
    } else {
      clock.hold(room.platform.successor().then((identity) => push(url, told, identity)));
    }
  });
}
