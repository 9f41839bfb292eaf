/** wechatpay · capture: the end of a pay-score order, which is the payment of it (A11.5). */
import {
  type Call,
  type CaptureRequest,
  type Finding,
  PolyrailError,
  type Ref,
  sameMoney,
} from '@polyrail/core';
import { beforehand, followUp } from '@polyrail/kit/question';
import { bodyOf, fromRejection, isDone } from './answer.ts';
import { scoreTime } from './authorization-extra.ts';
import { captureIdMaxLength } from './capabilities.ts';
import type { Settings } from './config.ts';
import { wrong } from './extra.ts';
import { type CaptureHandle, captureHandle, readHoldHandle } from './handle.ts';
import { requireEcho } from './messages.ts';
import {
  fromCompletion,
  fromQueryScore,
  readScore,
  refused,
  requireScore,
  type Score,
  type ScoreName,
  scoreOf,
  scorePath,
  toQueryScore,
} from './score.ts';
import type { Answer, Exchange, Wire } from './wire.ts';

type Paying = Finding<'payment'>;

export interface ScoreRoom {
  readonly wire: Wire;
  readonly settings: Settings;
}

/** Which order an authorization is. */
export const nameOf = (authorization: Ref<'authorization'>, settings: Settings): ScoreName => ({
  order: authorization.merchantId,
  serviceId: readHoldHandle(authorization)?.serviceId ?? scoreOf(settings).serviceId,
});

/** How long the name of an item and its description may be. */
const longest = { description: 20, merchantPaymentId: captureIdMaxLength } as const;

/**
 * Pure: a capture in the channel's words: the order is completed, and what is left over is free.
 *
 * Quirk: a repeated completion must be the same to the letter, its time included. It tells the time
 * the capture was begun at, not the time of the call.
 */
export function toCapture(
  request: CaptureRequest,
  { name, startedAt }: { readonly name: ScoreName; readonly startedAt: string },
  { appId }: Settings,
): Exchange {
  const { merchantPaymentId, amount, description } = request;
  for (const [field, maximum] of Object.entries(longest)) {
    if ([...request[field as keyof typeof longest]].length <= maximum) continue;
    throw wrong(field, `must have at most ${maximum} characters in a capture`);
  }
  const { order, serviceId } = name;
  return {
    operation: 'payscore.complete',
    method: 'POST',
    target: `${scorePath}/${encodeURIComponent(order)}/complete`,
    fields: {
      appid: appId,
      service_id: serviceId,
      post_payments: [{ name: description, amount: amount.amount, description: merchantPaymentId }],
      total_amount: amount.amount,
      time_range: { end_time: scoreTime(startedAt) },
    },
    handle: captureHandle(name),
  };
}

const over = ({ evidence, body }: Score): Paying => ({
  status: 'failed',
  reason: 'order-closed',
  retry: 'never',
  evidence,
  raw: body,
});

/** Pure: what the answer to a capture says. */
export function fromCapture(
  request: CaptureRequest,
  answer: Answer,
  { name, settings }: { readonly name: ScoreName; readonly settings: Settings },
): Paying {
  if (!isDone(answer)) return fromRejection('payscore.complete', answer);
  const body = bodyOf(answer);
  requireEcho(body, 'service_id', name.serviceId);
  requireEcho(body, 'out_order_no', name.order);
  const score = readScore(body, { settings, evidence: answer.evidence });
  const { merchantPaymentId: id } = request;
  if (score.state !== 'completed' && score.state !== 'done') {
    const message = 'The answer says that the order is not completed';
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
  }
  // Completed before, under another id: this capture is not made any more.
  const isOther = score.captureId !== undefined && score.captureId !== id;
  return isOther ? over(score) : fromCompletion(score, id);
}

/** Pure: a capture as its order tells it. Nothing there is a reading, no proof. */
export function fromCaptured(score: Score, captureId: string): Paying {
  const { state, evidence, body } = score;
  switch (state) {
    case 'created':
    case 'held':
      return { status: 'unknown', doubt: 'not-found', evidence, raw: body };
    case 'revoked':
    case 'expired':
      return over(score);
    case 'completed':
    case 'done':
      if (score.captureId === captureId) return fromCompletion(score, captureId);
      if (score.captureId !== undefined) return over(score);
      throw new PolyrailError('REPLY_UNREADABLE', 'The order does not tell its capture', {
        doubt: 'unreadable-reply',
      });
  }
}

/** Pure: a capture that was turned down, in the light of its order. */
export function fromTurnedDown(
  score: Score,
  { merchantPaymentId, amount }: CaptureRequest,
): Paying {
  const { state, evidence, captureId, total } = score;
  if (state === 'created') throw refused('The payer has not agreed to the order', { evidence });
  if (state === 'held') throw refused('WeChat Pay refused the capture', { evidence });
  const isOurs = captureId === merchantPaymentId && total !== undefined;
  if (isOurs && state !== 'revoked' && !sameMoney(total, amount)) {
    throw refused('The id stands for another capture', { evidence, reason: 'id-reused' });
  }
  return fromCaptured(score, merchantPaymentId);
}

/**
 * More than the payer agreed to is not asked for. Quirk: an order that secures an estimate may be
 * completed with more, up to what the service may take; a capture takes at most what is held.
 */
async function requireWithin(room: ScoreRoom, request: CaptureRequest, call: Call): Promise<void> {
  const { authorization, amount } = request;
  const { wire, settings } = room;
  if (authorization.amount !== undefined && amount.amount <= authorization.amount.amount) return;
  const name = nameOf(authorization, settings);
  const answer = await wire.call(toQueryScore(name, settings), beforehand(call));
  const { amount: held, evidence } = requireScore(answer, name, settings);
  if (amount.amount <= held.amount) return;
  throw refused('The payer agreed to less', { evidence, reason: 'limit-exceeded' });
}

async function capture(
  room: ScoreRoom,
  request: CaptureRequest,
  call: Call<'payment'>,
): Promise<Paying> {
  const { wire, settings } = room;
  const name = nameOf(request.authorization, settings);
  await requireWithin(room, request, call);
  const order = toCapture(request, { name, startedAt: call.ref.startedAt }, settings);
  const made = fromCapture(request, await wire.call(order, call), { name, settings });
  if (made.status !== 'unknown' || made.doubt !== 'repeated-id') return made;
  const answer = await followUp(() => wire.call(toQueryScore(name, settings), call));
  if (!isDone(answer)) return followUp(async () => fromRejection('payscore.query', answer));
  return fromTurnedDown(fromQueryScore(answer, name, settings), request);
}

/** Asks what became of a capture. */
export async function queryCapture(
  { wire, settings }: ScoreRoom,
  { id, handle }: { readonly id: string; readonly handle: CaptureHandle },
  call: Call,
): Promise<Paying> {
  const answer = await wire.call(toQueryScore(handle, settings), call);
  if (!isDone(answer)) return fromRejection('payscore.query', answer);
  return fromCaptured(fromQueryScore(answer, handle, settings), id);
}

export const captureVerbs = (room: ScoreRoom) => ({
  capture: (request: CaptureRequest, call: Call<'payment'>): Promise<Paying> =>
    capture(room, request, call),
});
