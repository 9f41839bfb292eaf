/** alipay simulator · payout: transfers to wallets and bank cards, and the question about them. */

import { head, refuse } from './codes.ts';
import type { Content } from './envelope.ts';
import {
  oneOf,
  optionalObject,
  optionalText,
  requiredAmount,
  requiredObject,
  requiredText,
  requiredWord,
  yuan,
} from './fields.ts';
import { merchantAccount } from './funds.ts';
import { inCertificateMode } from './gateway.ts';
import type { NodeMembers } from './json.ts';
import {
  type Failure,
  type Fate,
  type Payout,
  type PayoutTerms,
  toBankCard,
  usualFailure,
} from './payout-book.ts';
import type { Call, Handler, Room } from './room.ts';
import { voiceOf } from './terms.ts';
import { dayMs, minuteMs, timeText } from './time.ts';

const highestAmount = 10_000_000_000;
/** Fen that a product transfers at least. */
const lowestAmounts: Readonly<Record<string, number>> = {
  TRANS_ACCOUNT_NO_PWD: 10,
  TRANS_BANKCARD_NO_PWD: 10,
  STD_RED_PACKET: 1,
};
const scenes = ['DIRECT_TRANSFER', 'PERSONAL_COLLECTION'];
const identityTypes = [
  'ALIPAY_USER_ID',
  'ALIPAY_LOGON_ID',
  'ALIPAY_OPEN_ID',
  'EXPRESS_DC_STFA',
  'BANKCARD_ACCOUNT',
];
/** Payees that are only found together with their name. */
const namedTypes = ['ALIPAY_LOGON_ID', 'BANKCARD_ACCOUNT'];

/** Quirk: transfers are for apps in certificate mode only. */
function requireCertificates(call: Call, room: Room): void {
  if (room.options.transfersNeedCertificates === false || inCertificateMode(call)) return;
  throw refuse('isv.missing-app-cert-sn');
}

function payeeOf(content: Content) {
  const payee = requiredObject(content, 'payee_info');
  const identityType = requiredWord(payee, 'identity_type', identityTypes);
  const identity = requiredText(payee, 'identity', 100);
  const named = namedTypes.includes(identityType);
  const name = named ? requiredText(payee, 'name', 128) : optionalText(payee, 'name', 128);
  if (identityType === 'ALIPAY_USER_ID' && !/^2088\d{12}$/.test(identity)) {
    throw refuse('PAYEE_NOT_EXIST');
  }
  if (identityType === 'BANKCARD_ACCOUNT') {
    if (!/^\d{8,32}$/.test(identity)) throw refuse('INVALID_CARDNO');
    const bank = optionalObject(payee, 'bankcard_ext_info') ?? {};
    const kind = oneOf(bank, 'account_type', ['1', '2']);
    if (kind === '1') requiredText(bank, 'inst_name', 128);
  }
  return { identityType, identity, name };
}

function payoutTerms({ content, merchant }: Call): PayoutTerms {
  const productCode = requiredWord(content, 'product_code', Object.keys(lowestAmounts));
  const amount = requiredAmount(content, 'trans_amount');
  const payee = payeeOf(content);
  if (amount < (lowestAmounts[productCode] ?? 1)) throw refuse('EXCEED_LIMIT_SM_MIN_AMOUNT');
  if (amount > highestAmount) throw refuse('EXCEED_LIMIT_SM_AMOUNT');
  if (payee.identity === merchant.sellerId) throw refuse('PAYER_PAYEE_CANNOT_SAME');
  return {
    outBizNo: requiredText(content, 'out_biz_no', 64),
    amount,
    productCode,
    bizScene: requiredWord(content, 'biz_scene', scenes),
    title: optionalText(content, 'order_title', 128),
    remark: optionalText(content, 'remark', 200),
    passbackParams: optionalText(content, 'passback_params', 512),
    ...payee,
  };
}

const usualArrivalMs = 30 * minuteMs;

/** What becomes of a payout by itself: by where it goes, and by the stories that strike it. */
function fateOf({ exchange }: Call, terms: PayoutTerms, room: Room): Fate {
  const arrivalMs = room.options.payoutArrivalMs ?? usualArrivalMs;
  const dealing = exchange.fault('payout-dealing');
  const fails = exchange.fault('payout-fails-late');
  const returned = exchange.fault('payout-returned');
  const story = fails ?? dealing;
  const slow = story !== undefined || toBankCard(terms);
  const usual = usualFailure(terms);
  const code = String(fails?.['errorCode'] ?? usual.code);
  const failure: Failure = { code, reason: code === usual.code ? usual.reason : '转账失败' };
  return {
    underWayMs: slow ? Math.max(1, Number(story?.['afterMs'] ?? arrivalMs)) : 0,
    fails: fails === undefined ? undefined : failure,
    returnsAfterMs: returned === undefined ? undefined : Number(returned['afterMs'] ?? dayMs),
  };
}

const numbersOf = ({ terms, orderId, fundOrderId }: Payout): NodeMembers => ({
  order_id: orderId,
  out_biz_no: terms.outBizNo,
  pay_fund_order_id: fundOrderId,
});

const transferNode = (payout: Payout): NodeMembers => ({
  ...head(10000),
  ...numbersOf(payout),
  status: payout.state,
  trans_date: timeText(payout.arrivedAt ?? payout.createdAt),
  amount: yuan(payout.terms.amount),
});

/** `alipay.fund.trans.uni.transfer`: once per number, product and scene. */
const transfer: Handler = (call, room) => {
  requireCertificates(call, room);
  const { merchant } = call;
  const terms = payoutTerms(call);
  const { outBizNo, productCode, bizScene, amount } = terms;
  const known = room.payouts
    .find(merchant, outBizNo)
    .find((one) => one.terms.productCode === productCode && one.terms.bizScene === bizScene);
  if (known !== undefined) {
    if (JSON.stringify(known.terms) === JSON.stringify(terms)) return transferNode(known);
    throw refuse('PAYMENT_INFO_INCONSISTENCY');
  }
  if (room.funds.balance(merchantAccount(merchant)) < amount)
    throw refuse('PAYER_BALANCE_NOT_ENOUGH');
  const fate = fateOf(call, terms, room);
  return transferNode(room.payouts.open(merchant, { terms, voice: voiceOf(call), fate }));
};

/** Quirk: the fund order wins over the order, and that over the merchant's number. */
function named({ content, merchant }: Call, { payouts }: Room): Payout | undefined {
  const fundOrderId = optionalText(content, 'pay_fund_order_id', 64);
  const orderId = optionalText(content, 'order_id', 64);
  if (fundOrderId !== undefined) return payouts.findNumber(merchant, fundOrderId);
  if (orderId !== undefined) return payouts.findNumber(merchant, orderId);
  const outBizNo = requiredText(content, 'out_biz_no', 64);
  const productCode = requiredText(content, 'product_code', 64);
  const bizScene = requiredText(content, 'biz_scene', 64);
  return payouts
    .find(merchant, outBizNo)
    .find(({ terms }) => terms.productCode === productCode && terms.bizScene === bizScene);
}

/** What the query tells of one at a bank. */
function bankMembers(payout: Payout, room: Room): NodeMembers {
  const { terms, arrivedAt, createdAt } = payout;
  if (!toBankCard(terms)) return {};
  const expected = createdAt + (room.options.payoutArrivalMs ?? usualArrivalMs);
  return { order_fee: '0.00', arrival_time_end: timeText(arrivedAt ?? expected) };
}

/** `alipay.fund.trans.common.query`. */
const query: Handler = (call, room) => {
  requireCertificates(call, room);
  const payout = named(call, room);
  if (payout === undefined || call.exchange.fault('trade-not-exist-lag')) {
    throw refuse('ORDER_NOT_EXIST');
  }
  const { terms, state, failure, arrivedAt } = payout;
  const wallet = terms.identityType === 'ALIPAY_USER_ID' ? terms.identity : undefined;
  return {
    ...head(10000),
    ...numbersOf(payout),
    status: state,
    // Quirk: told of a success only.
    trans_amount: state === 'SUCCESS' ? yuan(terms.amount) : undefined,
    pay_date: arrivedAt === undefined ? undefined : timeText(arrivedAt),
    receiver_user_id: wallet,
    passback_params: terms.passbackParams,
    error_code: failure?.code,
    fail_reason: failure?.reason,
    ...bankMembers(payout, room),
  };
};

export const payoutHandlers: Readonly<Record<string, Handler>> = {
  'alipay.fund.trans.uni.transfer': transfer,
  'alipay.fund.trans.common.query': query,
};
