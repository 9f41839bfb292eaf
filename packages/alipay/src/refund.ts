/** alipay · refund: money back, in parts and repeatedly, and what became of it. */
import {
  type Call,
  type Finding,
  formatMoney,
  type Money,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { followUp } from '@polyrail/kit/question';
import { fromRejection, isAccepted } from './answer.ts';
import { readTradeHandle, tradeHandle } from './handle.ts';
import {
  type Message,
  momentOf,
  requiredText,
  requiredYuan,
  requireEcho,
  textOf,
  yuanOf,
} from './messages.ts';
import type { RefundRequest } from './shape.ts';
import type { Exchange, Wire } from './wire.ts';

type Refunding = Finding<'refund'>;

/** A refund is asked about ten seconds later at the earliest (dossier §10.6). */
const pollAfterMs = 10_000;

/** Pure: a refund in the channel's words. */
export function toRefund(request: RefundRequest): Exchange {
  const { payment, merchantRefundId, amount, note, extra = {} } = request;
  if (note !== undefined && note.length > 256) {
    const message = 'note must have at most 256 characters';
    throw new PolyrailError('REQUEST_INVALID', message, { field: 'note' });
  }
  return {
    method: 'alipay.trade.refund',
    fields: {
      out_trade_no: payment.merchantId,
      out_request_no: merchantRefundId,
      refund_amount: formatMoney(amount),
      refund_reason: note,
      operator_id: extra.operatorId,
      store_id: extra.storeId,
      terminal_id: extra.terminalId,
      query_options: extra.tellDepositBack ? ['deposit_back_info'] : undefined,
    },
    handle: tradeHandle(payment.merchantId),
  };
}

/**
 * Pure: what the answer to a refund says; `undefined` when only the refund's query can tell.
 *
 * Quirk: `fund_change` N says that *this call* moved nothing: mostly because the same refund was
 * carried out before. It is no failure, and no success either.
 */
export function fromRefund(request: RefundRequest, node: Message): Refunding | undefined {
  if (!isAccepted(node)) return fromRejection('alipay.trade.refund', node);
  requireEcho(node, 'out_trade_no', request.payment.merchantId);
  if (requiredText(node, 'fund_change') !== 'Y') return undefined;
  const { amount } = request;
  // Quirk: `refund_fee` is what was refunded of the trade in all: at least this, at most the trade.
  const sum = yuanOf(node, 'refund_fee')?.amount ?? amount.amount;
  const whole = request.payment.amount?.amount ?? Number.POSITIVE_INFINITY;
  if (sum < amount.amount || sum > whole) {
    const message =
      'The answer tells of less refunded than was asked for, or of more than was paid';
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
  }
  const arrivedAt = momentOf(node, 'gmt_refund_pay');
  return { status: 'succeeded', amount, arrivedAt, evidence: 'signed', raw: node };
}

/** Pure: the question about one refund of a trade. */
export const toQueryRefund = (trade: string, merchantRefundId: string): Exchange => ({
  method: 'alipay.trade.fastpay.refund.query',
  fields: {
    out_trade_no: trade,
    out_request_no: merchantRefundId,
    query_options: ['gmt_refund_pay'],
  },
});

/** Members of answers to other calls, which a refund that is not there does not have. */
const foreign = [
  'out_biz_no',
  'out_order_no',
  'agreement_no',
  'trade_status',
  'qr_code',
  'available_amount',
  'bill_download_url',
];

/** Quirk: the signature does not cover the node's name, and what names nothing fits every question. */
function requireAbsence(node: Message, trade: string): void {
  if (textOf(node, 'out_trade_no') !== undefined) requireEcho(node, 'out_trade_no', trade);
  const name = foreign.find((member) => Object.hasOwn(node, member));
  if (name === undefined) return;
  throw new PolyrailError('REPLY_UNVERIFIED', `The answer tells ${name}: it is about no refund`, {
    doubt: 'contradicts-request',
  });
}

/**
 * Pure: what the query of a refund says.
 *
 * Quirk: a refund that was never received, or failed, is answered with success and without
 * `refund_status` - and then mostly without any member that would name it.
 */
export function fromQueryRefund(node: Message, trade: string): Refunding {
  if (!isAccepted(node)) return fromRejection('alipay.trade.fastpay.refund.query', node);
  const told = { evidence: 'signed', raw: node } as const;
  const status = textOf(node, 'refund_status');
  const merchantId = textOf(node, 'out_request_no');
  if (status === undefined) {
    requireAbsence(node, trade);
    return { status: 'unknown', doubt: 'not-found', merchantId, ...told };
  }
  if (status !== 'REFUND_SUCCESS') {
    throw new PolyrailError('REPLY_UNREADABLE', 'The refund has an undocumented refund_status', {
      doubt: 'unreadable-reply',
      channelCode: status,
    });
  }
  requireEcho(node, 'out_trade_no', trade);
  return {
    status: 'succeeded',
    amount: requiredYuan(node, 'refund_amount'),
    arrivedAt: momentOf(node, 'gmt_refund_pay'),
    merchantId: requiredText(node, 'out_request_no'),
    ...told,
  };
}

/** Pure: a refund whose call moved nothing, in the light of its query. */
export function fromRepeatedRefund(found: Refunding, amount: Money): Refunding {
  if (found.status !== 'unknown' || found.doubt !== 'not-found') return found;
  const { evidence, raw } = found;
  return { status: 'pending', waitingFor: 'channel', pollAfterMs, amount, evidence, raw };
}

/** The verbs of this file, strung on the wire. */
export function refundVerbs(wire: Wire) {
  return {
    async refund(request: RefundRequest, call: Call<'refund'>): Promise<Refunding> {
      const found = fromRefund(request, await wire.call(toRefund(request), call));
      if (found !== undefined) return found;
      const trade = request.payment.merchantId;
      const question = toQueryRefund(trade, request.merchantRefundId);
      const ask = async () => fromQueryRefund(await wire.call(question, call), trade);
      return fromRepeatedRefund(await followUp(ask), request.amount);
    },
    async queryRefund(refund: Ref<'refund'>, call: Call<'refund'>): Promise<Refunding> {
      const trade = readTradeHandle(refund);
      const node = await wire.call(toQueryRefund(trade, refund.merchantId), call);
      return fromQueryRefund(node, trade);
    },
  };
}
