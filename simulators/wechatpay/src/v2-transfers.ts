/** wechatpay simulator · v2 transfers: money to a user who is not asked, and its query. */
import type { PayoutState } from './payout-book.ts';
import { payoutFate, placePayout } from './payouts.ts';
import { refuse, resultFail } from './refusals.ts';
import { timeText } from './time.ts';
import {
  feeField,
  optionalField,
  patternField,
  requiredField,
  type V2Handler,
  wordField,
} from './v2-call.ts';
import { voiceOf } from './v2-orders.ts';

const transfer: V2Handler = (call, room) => {
  const check = wordField(call, 'check_name', ['NO_CHECK', 'FORCE_CHECK']);
  if (check === undefined) throw resultFail('PARAM_ERROR', '缺少参数check_name');
  const userName = check === 'FORCE_CHECK' ? requiredField(call, 're_user_name', 64) : undefined;
  requiredField(call, 'spbill_create_ip', 32);
  const terms = {
    outBillNo: patternField(call, 'partner_trade_no', /^[0-9A-Za-z]{1,32}$/),
    appid: call.merchant.appid,
    openid: requiredField(call, 'openid', 64),
    amount: feeField(call, 'amount'),
    remark: requiredField(call, 'desc', 100),
    userName,
  };
  const fate = payoutFate(call.exchange);
  // Nobody is asked here: what would follow the consent comes before the end all the same.
  const processingMs = fate.processingMs + (fate.fails === undefined ? 0 : fate.transferMs);
  const wish = { terms, voice: voiceOf(call), fate: { ...fate, processingMs }, direct: true };
  const payout = placePayout(call.merchant, wish, room);
  if (payout.state === 'PROCESSING') {
    throw refuse('system', { note: 'The transfer is under way.' });
  }
  if (payout.state === 'FAIL') throw resultFail('SEND_FAILED', '付款失败');
  return {
    device_info: optionalField(call, 'device_info', 32),
    partner_trade_no: terms.outBillNo,
    payment_no: payout.billNo,
    payment_time: timeText(payout.updatedAt),
  };
};

const states: Readonly<Partial<Record<PayoutState, string>>> = {
  SUCCESS: 'SUCCESS',
  FAIL: 'FAILED',
};

const query: V2Handler = (call, { payouts }) => {
  const number = requiredField(call, 'partner_trade_no', 32);
  const payout = payouts.find(call.merchant, number);
  if (payout === undefined) throw refuse('transfer-missing');
  const { terms, state, failReason } = payout;
  return {
    partner_trade_no: number,
    detail_id: payout.billNo,
    status: states[state] ?? 'PROCESSING',
    reason: failReason,
    openid: terms.openid,
    transfer_name: terms.userName,
    payment_amount: String(terms.amount),
    transfer_time: timeText(payout.createdAt),
    payment_time: state === 'SUCCESS' ? timeText(payout.updatedAt) : undefined,
    desc: terms.remark,
  };
};

export const transferHandlers = { transfer, query };
