/** wechatpay simulator · v3 score: the pay-score order - confirmed, served, completed, collected. */
import { stuck } from '@polyrail/simulator';
import type { Concern } from './concern.ts';
import {
  objectList,
  optionalText,
  optionalWhole,
  patternText,
  requiredAddress,
  requiredObject,
  requiredText,
  requiredWhole,
  type Source,
  wrong,
} from './fields.ts';
import type { Terms } from './order.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import { type Score, type ScoreTerms, scoreTruth } from './score-book.ts';
import { compactTime } from './time.ts';
import { bodyOf, type V3Call, type V3Handler } from './v3-call.ts';
import { tellV3 } from './v3-notification.ts';

/** `total_amount` is what the payments are less the discounts. */
const totalOf = (source: Source): number => {
  const sum = (name: string) =>
    objectList(source, name).reduce((all, one) => all + (optionalWhole(one, 'amount', 0) ?? 0), 0);
  return sum('post_payments') - sum('post_discounts');
};

function collectionOf({ order, total = 0 }: Score): object {
  const paid = order?.paidAt !== undefined;
  return {
    details: paid
      ? [
          {
            amount: total,
            paid_time: compactTime(order.paidAt ?? 0),
            paid_type: 'NEWTON',
            seq: 1,
            transaction_id: order.transactionId,
          },
        ]
      : [],
    paid_amount: paid ? total : 0,
    paying_amount: paid ? 0 : total,
    state: paid ? 'USER_PAID' : 'USER_PAYING',
    total_amount: total,
  };
}

/** The order as queries answer it and callbacks carry it. */
function scoreObject(score: Score): object {
  const { terms, state, merchant, total, payer, confirmed } = score;
  const charged = state === 'DONE' && (total ?? 0) > 0;
  return {
    appid: terms.appid,
    ...(terms.attach === undefined ? {} : { attach: terms.attach }),
    ...(charged ? { collection: collectionOf(score) } : {}),
    mchid: merchant.mchid,
    need_collection: charged,
    ...(confirmed > 0 ? { openid: payer.openid } : {}),
    order_id: score.orderId,
    out_order_no: terms.outOrderNo,
    ...terms.told,
    ...score.bill,
    risk_fund: terms.risk,
    service_id: terms.serviceId,
    service_introduction: terms.introduction,
    state,
    ...(state === 'DOING' ? { state_description: 'USER_CONFIRM' } : {}),
    ...(state === 'DONE' ? { state_description: 'MCH_COMPLETE' } : {}),
    ...(total === undefined ? {} : { total_amount: total }),
  };
}

function tell(score: Score, eventType: string, room: Room): void {
  const { terms, merchant, voice } = score;
  const summary = eventType === 'PAYSCORE.USER_PAID' ? '用户支付成功' : '用户确认成功';
  const serial = voice.protocol === 'v3' ? voice.serial : undefined;
  const about = { originalType: 'payscore', summary, id: terms.outOrderNo, url: terms.notifyUrl };
  const { signer } = merchant;
  tellV3({ eventType, ...about, resource: scoreObject(score), signer, serial }, room);
}

function requireService(call: V3Call, given: Readonly<Record<string, unknown>>): void {
  if (given['appid'] !== call.merchant.appid) throw refuse('appid-mismatch');
}

const kept = ['post_payments', 'post_discounts', 'time_range', 'location'];

const only = (source: Source): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    kept.flatMap((name) => {
      const value = source.content[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );

function termsOf(call: V3Call): ScoreTerms {
  const source = bodyOf(call);
  requireService(call, call.content);
  const risk = requiredObject(source, 'risk_fund');
  requiredText(requiredObject(source, 'time_range'), 'start_time', 14);
  totalOf(source);
  const openid = optionalText(source, 'openid', 128);
  const needsConfirm = call.content['need_user_confirm'] !== false;
  if (!needsConfirm && openid === undefined) throw wrong(source, 'openid', '必填字段缺失');
  return {
    outOrderNo: patternText(source, 'out_order_no', /^[0-9A-Za-z_\-|*]{1,32}$/),
    appid: call.merchant.appid,
    serviceId: requiredText(source, 'service_id', 32),
    introduction: requiredText(source, 'service_introduction', 20),
    risk: { name: requiredText(risk, 'name', 64), amount: requiredWhole(risk, 'amount', 1) },
    told: only(source),
    attach: optionalText(source, 'attach', 256),
    notifyUrl: requiredAddress(source, 'notify_url'),
    openid,
    needsConfirm,
  };
}

export const createScore: V3Handler = (call, room) => {
  const terms = termsOf(call);
  const known = room.scores.find(call.merchant, terms.outOrderNo);
  if (known !== undefined && JSON.stringify(known.terms) !== JSON.stringify(terms)) {
    throw refuse('number-used');
  }
  const score = known ?? room.scores.open(call.merchant, terms, call.voice);
  return { ...scoreObject(score), package: score.packageText };
};

function scoreOf(call: V3Call, outOrderNo: string, room: Room): Score {
  const score = room.scores.find(call.merchant, outOrderNo);
  if (score === undefined) throw refuse('score-missing');
  return score;
}

const named = (call: V3Call, room: Room): Score => {
  const source = bodyOf(call);
  requireService(call, call.content);
  const score = scoreOf(call, call.parameters['out_order_no'] ?? '', room);
  if (requiredText(source, 'service_id', 32) !== score.terms.serviceId) {
    throw refuse('score-missing');
  }
  return score;
};

export const queryScore: V3Handler = (call, room) => {
  requireService(call, call.query);
  return scoreObject(scoreOf(call, call.query['out_order_no'] ?? '', room));
};

export const cancelScore: V3Handler = (call, room) => {
  const reason = requiredText(bodyOf(call), 'reason', 50);
  const score = named(call, room);
  if (score.state === 'DONE' || score.state === 'EXPIRED') throw refuse('score-state');
  Object.assign(score, { state: 'REVOKED', cancelReason: reason });
  return scoreObject(score);
};

/** Charges the user a little later, or at once where deductions take no time; a total of nothing is charged to nobody. */
function collect(score: Score, room: Room): void {
  const { terms, merchant, payer, total = 0, voice } = score;
  const { book, world, options } = room;
  if (total === 0) return;
  const wanted: Terms = {
    outTradeNo: terms.outOrderNo,
    appid: terms.appid,
    total,
    description: terms.introduction,
    tradeType: 'PAYSCORE',
    attach: terms.attach,
  };
  const order = book.open(merchant, wanted, { voice, payer, state: 'ACCEPT' });
  score.order = order;
  order.cancelTimer?.();
  const carryOut = () => {
    book.pay(order);
    tell(score, 'PAYSCORE.USER_PAID', room);
  };
  const { deductionMs = 2_000 } = options;
  if (deductionMs === 0) carryOut();
  else order.cancelTimer = world.clock.schedule(deductionMs, carryOut);
}

export const completeScore: V3Handler = (call, room) => {
  const source = bodyOf(call);
  const total = requiredWhole(source, 'total_amount', 0);
  if (total !== totalOf(source)) throw wrong(source, 'total_amount', '总金额与付费项目之和不一致');
  const score = named(call, room);
  if (score.state === 'DONE' && score.total === total) return scoreObject(score);
  if (score.state !== 'DOING') throw refuse('score-state');
  if (room.book.find(call.merchant, score.terms.outOrderNo) !== undefined)
    throw refuse('number-used');
  Object.assign(score, { state: 'DONE', total, bill: only(source) });
  collect(score, room);
  return scoreObject(score);
};

/** The order as its user meets it. */
export function scoreConcern(score: Score, room: Room): Concern {
  const concern: Concern = {
    noun: 'authorization',
    merchant: score.merchant,
    id: score.terms.outOrderNo,
    title: score.terms.introduction,
    ticket: score.packageText,
    state: () => score.state,
    isOpen: () => score.state === 'CREATED',
    isAgreed: () => score.confirmed > 0,
    approve() {
      if (score.state !== 'CREATED') throw stuck(concern, 'confirmed');
      score.state = 'DOING';
      score.confirmed += 1;
      tell(score, 'PAYSCORE.USER_CONFIRM', room);
    },
    decline() {
      if (score.state !== 'CREATED') throw stuck(concern, 'declined');
      score.state = 'EXPIRED';
    },
    truth: () => scoreTruth(score),
  };
  return concern;
}
