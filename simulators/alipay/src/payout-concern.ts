/** alipay simulator · payout concern: a payout in the hands of the payee's bank, and what is told of it. */
import { stuck } from '@polyrail/simulator';
import type { Concern } from './concern.ts';
import { yuan } from './fields.ts';
import { sendMessage } from './message.ts';
import type { Payout } from './payout-book.ts';
import { filled } from './push.ts';
import type { Room } from './room.ts';
import { timeText } from './time.ts';

export function payoutConcern(payout: Payout, room: Room): Concern {
  const { payouts } = room;
  const concern: Concern = {
    noun: 'payout',
    merchant: payout.merchant,
    id: payout.terms.outBizNo,
    amount: payout.terms.amount,
    state: () => payout.state,
    isOpen: () => payout.state === 'DEALING',
    isAgreed: () => payout.state === 'SUCCESS',
    look: () => undefined,
    approve() {
      if (!concern.isOpen()) throw stuck(concern, 'credited');
      payouts.arrive(payout);
    },
    /** Under way it fails; once it arrived it is sent back. */
    decline() {
      if (concern.isOpen()) payouts.fail(payout);
      else if (concern.isAgreed()) payouts.sendBack(payout);
      else throw stuck(concern, 'declined');
    },
    truth: () => payouts.truth(payout),
  };
  return concern;
}

/** The message of a change of state; no source lists its members: those of the query are used. */
export function notifyPayout(payout: Payout, room: Room): void {
  const { merchant, terms, voice, orderId, fundOrderId, state, failure, arrivedAt } = payout;
  const members = filled({
    out_biz_no: terms.outBizNo,
    order_id: orderId,
    pay_fund_order_id: fundOrderId,
    product_code: terms.productCode,
    biz_scene: terms.bizScene,
    origin_interface: 'alipay.fund.trans.uni.transfer',
    action_type: 'FINISH',
    status: state,
    trans_amount: yuan(terms.amount),
    pay_date: arrivedAt === undefined ? undefined : timeText(arrivedAt),
    passback_params: terms.passbackParams,
    error_code: failure?.code,
    fail_reason: failure?.reason,
  });
  const message = {
    operation: 'alipay.fund.trans.order.changed',
    id: terms.outBizNo,
    merchant,
    voice,
    members,
    amountName: 'trans_amount',
    numberName: 'out_biz_no',
    forgery: { status: 'SUCCESS' },
  };
  sendMessage(message, room);
}
