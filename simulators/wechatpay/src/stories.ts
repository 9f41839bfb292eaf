/** wechatpay simulator · stories: what goes wrong on this channel, and what faults do to answers. */
import type { Exchange, FaultName, FaultRule, SimulatedReply, Story } from '@polyrail/simulator';
import { type RefusalName, refusalNamed, refuse, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';

/** Faults beside the chassis' own, with the details a rule may carry. */
export const wechatPayStories: readonly Story[] = [
  { name: 'user-paying', details: ['queries', 'outcome', 'httpStatus'] },
  { name: 'system-error' },
  { name: 'system-error-then-paid' },
  { name: 'bank-error' },
  { name: 'business-error', details: ['code', 'httpStatus', 'message'] },
  { name: 'accepted' },
  { name: 'order-not-exist-lag' },
  { name: 'reverse-recall' },
  { name: 'refund-slow', details: ['afterMs'] },
  { name: 'refund-abnormal', details: ['afterMs'] },
  { name: 'refund-closed', details: ['afterMs'] },
  { name: 'refund-unheard' },
  { name: 'refund-told-in-xml' },
  { name: 'deduction-fails-late' },
  { name: 'contract-refused' },
  { name: 'payout-processing', details: ['afterMs'] },
  { name: 'payout-fails-late', details: ['afterMs', 'failReason'] },
  { name: 'notification-first' },
  { name: 'sign-probe' },
  { name: 'other-signer' },
  { name: 'unknown-serial' },
  { name: 'unsigned-reply' },
  { name: 'bill-not-ready' },
  { name: 'bill-truncated' },
  { name: 'bill-wrong-totals' },
  { name: 'bill-wrong-hash' },
  { name: 'bill-expired' },
];

/** Generic faults without a meaning here. */
export const meaninglessFaults: readonly FaultName[] = [];

/** A refusal by its v3 or v2 code, or one in any words. */
function businessError(rule: FaultRule): Error {
  const {
    code = 'NOT_ENOUGH',
    httpStatus: status,
    message,
  } = rule as Readonly<Record<string, unknown>>;
  const known = refusalNamed(String(code));
  if (known !== undefined && status === undefined && message === undefined) return refuse(known);
  return refuseV3(Number(status ?? 403), String(code), { message: String(message ?? '业务错误') });
}

/** What may end a request before its business begins: nothing moves. */
export function failBefore(exchange: Exchange): void {
  const names: readonly (readonly [string, RefusalName])[] = [
    ['rate-limit', 'frequency'],
    ['maintenance', 'maintenance'],
    ['system-error', 'system'],
    ['bank-error', 'bank'],
  ];
  for (const [fault, name] of names) if (exchange.fault(fault)) throw refuse(name);
  const error = exchange.fault('business-error');
  if (error !== undefined) throw businessError(error);
}

/** What may hide a business that was done. */
export function failAfter(exchange: Exchange): void {
  if (exchange.fault('system-error-then-paid') === undefined) return;
  throw refuse('system', { note: 'It was done all the same.' });
}

/** Lets what a call causes to be told arrive before the answer, where that is armed. */
export function newsFirst(
  reply: SimulatedReply,
  exchange: Exchange,
  { notices, world }: Pick<Room, 'notices' | 'world'>,
): SimulatedReply {
  if (exchange.fault('notification-first') === undefined) return reply;
  return { ...reply, after: notices.sent().then(() => world.notifier.idle()) };
}

const amountNames = [
  ...['total', 'payer_total', 'refund', 'payer_refund', 'transfer_amount', 'available_amount'],
  ...['total_fee', 'cash_fee', 'refund_fee', 'settlement_refund_fee', 'payment_amount'],
  ...['total_amount', 'refund_fee_0', 'settlement_refund_fee_0'],
];
const numberNames = [
  ...['out_trade_no', 'out_bill_no', 'out_contract_code', 'contract_code', 'out_order_no'],
  ...['partner_trade_no'],
];

type Members = Readonly<Record<string, unknown>>;

/** Another amount than the true one: the rule's (fen), or a fen more. */
function otherAmount(rule: FaultRule, value: unknown): unknown {
  const given = Number(rule['amount'] ?? Number.NaN);
  const amount = Number.isSafeInteger(given) ? given : Number(value) + 1;
  return typeof value === 'string' ? String(amount) : amount;
}

const otherNumber = (rule: FaultRule, value: unknown): string =>
  String(rule['otherId'] ?? `${String(value).slice(0, 30)}_2`);

/** The same answer or callback about another amount or another order, signed as if it were true. */
export function twisted<Value extends object>(
  value: Value,
  take: (fault: string) => FaultRule | undefined,
): Value {
  const amount = take('wrong-amount');
  const order = take('wrong-order');
  if (amount === undefined && order === undefined) return value;
  const walk = (node: Members): Members =>
    Object.fromEntries(
      Object.entries(node).map(([name, member]) => {
        if (amount && amountNames.includes(name)) return [name, otherAmount(amount, member)];
        if (order && numberNames.includes(name)) return [name, otherNumber(order, member)];
        const inner = typeof member === 'object' && member !== null && !Array.isArray(member);
        return [name, inner ? walk(member as Members) : member];
      }),
    );
  return walk(value as Members) as Value;
}
