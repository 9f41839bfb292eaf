/** unionpay · payout: money to a payee's card (代付), and what became of it (dossier §9.12). */
import {
  type Call,
  type Finding,
  type PayoutRequest,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { acceptedFinding, fromRejection, isAccepted } from './answer.ts';
import type { Settings } from './config.ts';
import type { Message } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import { wrong } from './extra.ts';
import { evidenceOf, inquire, isTold, type Told, unfinished } from './inquiry.ts';
import { queryIdOf } from './messages.ts';
import { currencyCode, fenText } from './order.ts';
import { cardNumber, customerInfo, type Hider } from './sensitive.ts';
import { services } from './transactions.ts';
import type { Wire } from './wire.ts';

export type PayingOut = Finding<'payout'>;

/** A payout is asked about three minutes later at the earliest (§9.12). */
const firstPollMs = 180_000;

/** A bank card; passbooks and companies' accounts want other fields. */
const accType = '01';

/** Pure but for what hides: a payout in UnionPay's words. */
export function toPayout(
  { merchantPayoutId, amount, purpose, payee }: PayoutRequest,
  { settings, hider, startedAt }: { settings: Settings; hider: Hider; startedAt: string },
): Exchange {
  if (payee.kind !== 'bank') {
    const message = 'payee.kind must be bank: UnionPay pays to cards';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'payee.kind' });
  }
  if (purpose.length > 32) throw wrong('purpose', 'must have at most 32 characters');
  const { encoding } = settings;
  return {
    transaction: services.payout,
    order: { id: merchantPayoutId, startedAt },
    fields: {
      accType,
      accNo: hider.hide(cardNumber('payee.account', payee.account, 'any')),
      encryptCertId: hider.certId,
      customerInfo: customerInfo({ holder: payee.name }, { hider, encoding, member: 'payee' }),
      txnAmt: fenText(amount),
      currencyCode,
      billNo: purpose,
      backUrl: settings.notifyUrl,
    },
  };
}

/** Pure: what a transaction says of a payout. */
export const fromTold = (told: Told): PayingOut =>
  unfinished(told) ?? { status: 'succeeded', amount: told.amount, ...evidenceOf(told) };

/** Pure: what the answer to a payout says. */
export function fromPayout(message: Message): PayingOut {
  if (!isAccepted(message)) return fromRejection(services.payout, message);
  return { ...acceptedFinding(message), pollAfterMs: firstPollMs, channelId: queryIdOf(message) };
}

/** The verbs of this file, strung on the wire. */
export const payoutVerbs = ({ wire, settings }: { wire: Wire; settings: Settings }) => ({
  async payout(request: PayoutRequest, call: Call<'payout'>): Promise<PayingOut> {
    const hider = await wire.hider(call);
    const { startedAt } = call.ref;
    return fromPayout(await wire.call(toPayout(request, { settings, hider, startedAt }), call));
  },
  async queryPayout(ref: Ref<'payout'>, call: Call<'payout'>): Promise<PayingOut> {
    const found = await inquire(wire, { ref, bizType: services.payout.bizType }, call);
    return isTold(found) ? fromTold(found) : (found as PayingOut);
  },
});
