/** wechatpay simulator · v3 transfers: money to a user who confirms it, its query and its undoing. */
import {
  notifyAddress,
  objectList,
  onlyMembers,
  optionalObject,
  optionalText,
  patternText,
  requiredText,
  requiredWhole,
  type Source,
  wrong,
} from './fields.ts';
import type { Payout, PayoutTerms } from './payout-book.ts';
import { payoutFate, placePayout } from './payouts.ts';
import { invalid, refuse, refuseV3 } from './refusals.ts';
import type { Room } from './room.ts';
import { isoTime } from './time.ts';
import { bodyOf, openSecret, type V3Call, type V3Handler } from './v3-call.ts';

/** What each scene wants to be told, by the exact names. */
const scenes: Readonly<Record<string, readonly string[]>> = {
  1000: ['活动名称', '奖励说明'],
  1002: ['补贴类型'],
  1004: ['保险产品备案编号', '保险名称', '保险操作单号'],
  1005: ['岗位类型', '报酬说明'],
  1009: ['采购商品名称'],
  1010: ['回收商品名称'],
  1011: ['赔付原因'],
  1013: ['公益活动名称', '公益活动备案编号'],
};
/** Fen from which the payee's name must be told. */
const namedFrom = 200_000;

const members = [
  ...['appid', 'out_bill_no', 'transfer_scene_id', 'openid', 'user_name', 'transfer_amount'],
  ...['transfer_remark', 'notify_url', 'user_recv_perception', 'transfer_scene_report_infos'],
  ...['user_recv_style'],
];

function checkScene(source: Source): string {
  const sceneId = requiredText(source, 'transfer_scene_id', 36);
  const wanted = Object.hasOwn(scenes, sceneId) ? scenes[sceneId] : undefined;
  if (wanted === undefined) {
    throw refuseV3(400, 'INVALID_REQUEST', { message: '你尚未获取该转账场景' });
  }
  const told = objectList(source, 'transfer_scene_report_infos').map((info) => {
    requiredText(info, 'info_content', 32);
    return requiredText(info, 'info_type', 15);
  });
  const complete = wanted.every((name) => told.includes(name)) && told.length === wanted.length;
  if (!complete) {
    throw invalid('/transfer_scene_report_infos', '需传入转账场景报备信息，请检查');
  }
  return sceneId;
}

function nameOf(call: V3Call, source: Source, amount: number): string | undefined {
  const name = openSecret(call, source, 'user_name');
  if (name === undefined && amount >= namedFrom) throw wrong(source, 'user_name', '必填字段缺失');
  return name;
}

function termsOf(call: V3Call): PayoutTerms {
  const source = bodyOf(call);
  onlyMembers(source, members);
  const appid = requiredText(source, 'appid', 32);
  if (appid !== call.merchant.appid) {
    throw refuseV3(400, 'INVALID_REQUEST', { message: 'APPID不存在' });
  }
  const amount = requiredWhole(source, 'transfer_amount', 1);
  optionalText(source, 'user_recv_perception', 64);
  const style = optionalObject(source, 'user_recv_style');
  if (style !== undefined) requiredText(style, 'type', 32);
  return {
    outBillNo: patternText(source, 'out_bill_no', /^[0-9A-Za-z]{1,32}$/),
    appid,
    openid: requiredText(source, 'openid', 64),
    amount,
    remark: requiredText(source, 'transfer_remark', 32),
    sceneId: checkScene(source),
    userName: nameOf(call, source, amount),
    notifyUrl: notifyAddress(source, 'notify_url'),
  };
}

const failOf = ({ failReason }: Payout): object =>
  failReason === undefined ? {} : { fail_reason: failReason };

export const createTransfer: V3Handler = (call, room) => {
  const { voice } = call;
  const wish = { terms: termsOf(call), voice, fate: payoutFate(call.exchange), direct: false };
  const payout = placePayout(call.merchant, wish, room);
  const { state, packageInfo } = payout;
  return {
    create_time: isoTime(payout.createdAt),
    ...failOf(payout),
    out_bill_no: payout.terms.outBillNo,
    ...(state === 'WAIT_USER_CONFIRM' ? { package_info: packageInfo } : {}),
    state,
    transfer_bill_no: payout.billNo,
  };
};

function payoutOf({ merchant, parameters }: V3Call, { payouts }: Room): Payout {
  const { out_bill_no: outBillNo, transfer_bill_no: billNo } = parameters;
  const found =
    outBillNo === undefined
      ? payouts.findNumber(merchant, billNo ?? '')
      : payouts.find(merchant, outBillNo);
  if (found === undefined) throw refuse('transfer-missing');
  return found;
}

export const queryTransfer: V3Handler = (call, room) => {
  const payout = payoutOf(call, room);
  const { terms } = payout;
  return {
    appid: terms.appid,
    create_time: isoTime(payout.createdAt),
    ...failOf(payout),
    mch_id: payout.merchant.mchid,
    openid: terms.openid,
    out_bill_no: terms.outBillNo,
    state: payout.state,
    transfer_amount: terms.amount,
    transfer_bill_no: payout.billNo,
    transfer_remark: terms.remark,
    update_time: isoTime(payout.updatedAt),
  };
};

const cancellable = ['ACCEPTED', 'PROCESSING', 'WAIT_USER_CONFIRM'];

export const cancelTransfer: V3Handler = (call, room) => {
  const payout = payoutOf(call, room);
  const cancelled = payout.state === 'CANCELING' || payout.state === 'CANCELLED';
  if (!cancelled && !cancellable.includes(payout.state)) throw refuse('transfer-state');
  if (!cancelled) room.payouts.cancel(payout);
  return {
    out_bill_no: payout.terms.outBillNo,
    state: payout.state,
    transfer_bill_no: payout.billNo,
    update_time: isoTime(payout.updatedAt),
  };
};

/** What a callback about a transfer carries. */
export const transferNews = (payout: Payout): object => ({
  out_bill_no: payout.terms.outBillNo,
  transfer_bill_no: payout.billNo,
  state: payout.state,
  mch_id: payout.merchant.mchid,
  transfer_amount: payout.terms.amount,
  openid: payout.terms.openid,
  ...failOf(payout),
  create_time: isoTime(payout.createdAt),
  update_time: isoTime(payout.updatedAt),
});
