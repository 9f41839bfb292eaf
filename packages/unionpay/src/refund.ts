/** unionpay · refund: money back after the fact (退货), in parts and repeatedly (dossier §9.8). */
import type { Call, Finding, Ref, RefundRequest } from '@polyrail/core';
import { failed, type Verdict } from '@polyrail/kit/verdict';
import { acceptedFinding, fromRejection, isAccepted } from './answer.ts';
import type { Settings } from './config.ts';
import type { Message } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { wrong } from './extra.ts';
import { evidenceOf, inquire, isTold, type Told, unfinished } from './inquiry.ts';
import { queryIdOf } from './messages.ts';
import { currencyCode, fenText } from './order.ts';
import { type Original, originalOf } from './original.ts';
import { belongingTo } from './transactions.ts';
import type { Wire } from './wire.ts';

export type Refunding = Finding<'refund'>;

export interface UndoRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

/** Pure: a refund in UnionPay's words. */
export function toRefund(
  { merchantRefundId, amount, note }: RefundRequest,
  { queryId, product }: Original,
  { settings, startedAt }: { readonly settings: Settings; readonly startedAt: string },
): Exchange {
  if (note !== undefined && /[&={}[\]"']/.test(note)) {
    throw wrong('note', 'must have none of & = { } [ ] and quotation marks');
  }
  return {
    transaction: belongingTo(product, 'refund'),
    order: { id: merchantRefundId, startedAt },
    fields: {
      txnAmt: fenText(amount),
      currencyCode,
      origQryId: queryId,
      backUrl: settings.notifyUrl,
      reqReserved: note,
    },
  };
}

/** Pure: what a transaction says of a refund. */
export const fromTold = (told: Told): Refunding =>
  unfinished(told) ?? { status: 'succeeded', amount: told.amount, ...evidenceOf(told) };

/** It is the merchant's account that a refund comes out of: top it up, and ask again. */
const poorMerchant = (code: string): Verdict | undefined =>
  code === '64' || code === '90' ? failed('merchant-funds', 'same-id') : undefined;

/** Pure: what the answer to a refund says. */
export function fromRefund({ transaction }: Exchange, message: Message): Refunding {
  if (!isAccepted(message)) return fromRejection(transaction, message, poorMerchant);
  return { ...acceptedFinding(message), channelId: queryIdOf(message) };
}

/** The verbs of this file, strung on the wire. */
export const refundVerbs = ({ wire, settings }: UndoRoom) => ({
  async refund(request: RefundRequest, call: Call<'refund'>): Promise<Refunding> {
    const original = await originalOf(wire, request.payment, call);
    const exchange = toRefund(request, original, { settings, startedAt: call.ref.startedAt });
    return fromRefund(exchange, await wire.call(exchange, call));
  },
  async queryRefund(ref: Ref<'refund'>, call: Call<'refund'>): Promise<Refunding> {
    const found = await inquire(wire, { ref }, call);
    return isTold(found) ? fromTold(found) : (found as Refunding);
  },
});
