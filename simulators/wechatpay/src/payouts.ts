/** wechatpay simulator · payouts: the rules of transfers that both protocols share. */

import { type Exchange, stuck } from '@polyrail/simulator';
import type { Concern } from './concern.ts';
import { merchantAccount } from './funds.ts';
import type { Merchant } from './merchants.ts';
import {
  isWaiting,
  type Payout,
  type PayoutFate,
  type PayoutTerms,
  type PayoutWish,
  payoutTruth,
} from './payout-book.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { hourMs } from './time.ts';

/** How a transfer goes, by the stories armed for it. */
export function payoutFate(exchange: Exchange): PayoutFate {
  const processing = exchange.fault('payout-processing');
  const late = exchange.fault('payout-fails-late');
  const processingMs = processing === undefined ? 0 : Number(processing['afterMs'] ?? hourMs);
  if (late === undefined) return { processingMs, transferMs: 0 };
  const fails = String(late['failReason'] ?? 'PAYEE_ACCOUNT_ABNORMAL');
  return { processingMs, transferMs: Number(late['afterMs'] ?? hourMs), fails };
}

const termNames: readonly (keyof PayoutTerms)[] = [
  ...(['appid', 'openid', 'amount', 'remark', 'sceneId', 'userName'] as const),
];

/** A new transfer, or the one that has this number already. */
export function placePayout(merchant: Merchant, wish: PayoutWish, room: Room): Payout {
  const { payouts, funds } = room;
  const { terms } = wish;
  const known = payouts.find(merchant, terms.outBillNo);
  if (known === undefined) {
    if (funds.balance(merchantAccount(merchant)) < terms.amount) throw refuse('not-enough');
    return payouts.open(merchant, wish);
  }
  const same = termNames.every((name) => known.terms[name] === terms[name]);
  if (!same) throw refuse('transfer-differs');
  return known;
}

/** Also the payee's bank that refuses. */
export function payoutConcern(payout: Payout, { payouts }: Room): Concern {
  const concern: Concern = {
    noun: 'payout',
    merchant: payout.merchant,
    id: payout.terms.outBillNo,
    title: payout.terms.remark,
    ticket: payout.packageInfo,
    amount: payout.terms.amount,
    state: () => payout.state,
    isOpen: () => payout.state === 'WAIT_USER_CONFIRM',
    isAgreed: () => payout.state === 'SUCCESS' || payout.state === 'TRANSFERING',
    approve() {
      if (!isWaiting(payout)) throw stuck(concern, 'confirmed');
      payouts.confirm(payout);
    },
    decline() {
      if (!isWaiting(payout) && payout.state !== 'TRANSFERING') throw stuck(concern, 'refused');
      payouts.fail(payout, 'PAYEE_ACCOUNT_ABNORMAL');
    },
    truth: () => payoutTruth(payout),
  };
  return concern;
}
