/** wechatpay · release: a pay-score order cancelled, before its end or while nobody has paid (A11.5). */
import {
  type Call,
  type CancelAuthorizationRequest,
  type Finding,
  PolyrailError,
  type Ref,
  sameMoney,
} from '@polyrail/core';
import { beforehand, followUp } from '@polyrail/kit/question';
import { bodyOf, fromRejection, isDone, requireMerchant } from './answer.ts';
import { fromCaptured, nameOf, type ScoreRoom } from './capture.ts';
import type { Settings } from './config.ts';
import { type CaptureHandle, readHoldHandle } from './handle.ts';
import { requireEcho, textOf, undocumentedState } from './messages.ts';
import {
  fromQueryScore,
  requireScore,
  type Score,
  type ScoreName,
  scorePath,
  toQueryScore,
} from './score.ts';
import type { Answer, Exchange } from './wire.ts';

type Cancelling = Finding<'cancellation'>;
type Closing = Finding<'closure'>;

/** Quirk: the call requires a reason, which the payer reads; repeated, it must be the same. */
const reason = '商户取消订单';

/** Pure: the end of an order in the channel's words. */
export const toCancel = ({ order, serviceId }: ScoreName, { appId }: Settings): Exchange => ({
  operation: 'payscore.cancel',
  method: 'POST',
  target: `${scorePath}/${encodeURIComponent(order)}/cancel`,
  fields: { appid: appId, service_id: serviceId, reason },
});

/** Whether an order was cancelled; `undefined` when only the order can tell. */
export function isCancelled<N extends 'cancellation' | 'closure'>(
  answer: Answer,
  name: ScoreName,
  settings: Settings,
): Finding<N> | true | undefined {
  if (!isDone(answer)) {
    const finding = fromRejection<N>('payscore.cancel', answer);
    const asks = finding.status === 'unknown' && finding.doubt === 'repeated-id';
    return asks ? undefined : finding;
  }
  const body = bodyOf(answer);
  requireMerchant(body, 'mchid', settings.mchId);
  requireMerchant(body, 'appid', settings.appId);
  requireEcho(body, 'service_id', name.serviceId);
  requireEcho(body, 'out_order_no', name.order);
  const state = textOf(body, 'state') ?? 'REVOKED';
  if (state !== 'REVOKED') throw undocumentedState('state', state);
  return true;
}

const evidenceOf = ({ evidence, body }: Pick<Score, 'evidence' | 'body'>) => ({
  evidence,
  raw: body,
});

/** What cancelling does to an order that stands like this. */
const effectOn = ({ state, amount }: Score, seen: boolean) =>
  state === 'held' || (state === 'revoked' && seen)
    ? ({ effect: 'released', amount } as const)
    : ({ effect: 'closed' } as const);

/** Pure: an order that cannot be cancelled, or need not be; `undefined` for one that can. */
export function fromStanding(score: Score, seen: boolean): Cancelling | undefined {
  switch (score.state) {
    case 'created':
    case 'held':
      return undefined;
    case 'revoked':
    case 'expired':
      return { status: 'succeeded', ...effectOn(score, seen), ...evidenceOf(score) };
    // Quirk: WeChat Pay would cancel a completed order, and with it the capture that it is.
    case 'completed':
    case 'done':
      return { status: 'failed', reason: 'order-closed', retry: 'never', ...evidenceOf(score) };
  }
}

const unseen = { effect: 'closed' } as const;

const isNotFound = (finding: Finding<'authorization'>): boolean =>
  finding.status === 'unknown' && finding.doubt === 'not-found';

/** How an order stands, before anything is sent that ends it. */
const askBefore = ({ wire, settings }: ScoreRoom, name: ScoreName, call: Call): Promise<Answer> =>
  wire.call(toQueryScore(name, settings), beforehand(call));

/** Cancels an order. What it stood like before says what that did. */
async function cancelOrder(
  { wire, settings }: ScoreRoom,
  { name, before, seen }: { name: ScoreName; before: Score | undefined; seen: boolean },
  call: Call,
): Promise<Cancelling> {
  const answer = await wire.call(toCancel(name, settings), call);
  const told = { evidence: answer.evidence, raw: answer.body };
  const cancelled = isCancelled<'cancellation'>(answer, name, settings);
  if (cancelled === true) {
    return { status: 'succeeded', ...(before ? effectOn(before, seen) : unseen), ...told };
  }
  if (cancelled !== undefined) return cancelled;
  const asked = await followUp(() => wire.call(toQueryScore(name, settings), call));
  if (!isDone(asked)) return followUp(async () => fromRejection('payscore.query', asked));
  const after = fromQueryScore(asked, name, settings);
  const now = fromStanding(after, seen || before?.state === 'held');
  return now ?? { status: 'unknown', doubt: 'repeated-id', ...evidenceOf(after) };
}

/**
 * Gives an authorization free. The order is read first: its cancellation does not say what it ended,
 * and would end a capture as well.
 */
async function cancelAuthorization(
  room: ScoreRoom,
  { authorization, amount }: CancelAuthorizationRequest,
  call: Call<'cancellation'>,
): Promise<Cancelling> {
  const name = nameOf(authorization, room.settings);
  const before = requireScore(await askBefore(room, name, call), name, room.settings);
  const seen = readHoldHandle(authorization)?.granted === true;
  const standing = fromStanding(before, seen);
  if (standing !== undefined) return standing;
  if (amount !== undefined && !sameMoney(amount, before.amount)) {
    const message = 'amount must be left out: a pay-score order is cancelled as a whole only';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'amount.amount' });
  }
  return cancelOrder(room, { name, before, seen }, call);
}

/**
 * Undoes an authorization whose fate is unknown. An order that is not found may be on its way: it is
 * cancelled all the same, and what is not there then is no proof.
 */
export async function reverseAuthorization(
  room: ScoreRoom,
  authorization: Ref<'authorization'>,
  call: Call<'cancellation'>,
): Promise<Cancelling> {
  const { settings } = room;
  const name = nameOf(authorization, settings);
  const answer = await askBefore(room, name, call);
  const isMissing = !isDone(answer) && isNotFound(fromRejection('payscore.query', answer));
  const before = isMissing ? undefined : requireScore(answer, name, settings);
  const seen = readHoldHandle(authorization)?.granted === true;
  const standing = before && fromStanding(before, seen);
  return standing ?? cancelOrder(room, { name, before, seen }, call);
}

/** Pure: the closing of a capture whose order stands like this; `undefined` for one to be cancelled. */
export function fromCaptureBeforeClose(score: Score, captureId: string): Closing | undefined {
  const found = fromCaptured(score, captureId);
  const told = evidenceOf(score);
  switch (found.status) {
    case 'succeeded':
      return { status: 'failed', reason: 'already-paid', retry: 'never', ...told };
    case 'failed':
      return { status: 'succeeded', ...told };
    // Not captured, yet: the hold is not what was asked to end.
    case 'unknown':
      return { status: 'unknown', doubt: 'not-found', ...told };
    case 'pending':
      return undefined;
  }
}

/** Ends a capture that nobody has paid yet, and its order with it. */
export async function closeCapture(
  room: ScoreRoom,
  { id, handle }: { readonly id: string; readonly handle: CaptureHandle },
  call: Call,
): Promise<Closing> {
  const { wire, settings } = room;
  const standing = fromCaptureBeforeClose(
    requireScore(await askBefore(room, handle, call), handle, settings),
    id,
  );
  if (standing !== undefined) return standing;
  const answer = await wire.call(toCancel(handle, settings), call);
  const cancelled = isCancelled<'closure'>(answer, handle, settings);
  if (cancelled === true) {
    return { status: 'succeeded', evidence: answer.evidence, raw: answer.body };
  }
  if (cancelled !== undefined) return cancelled;
  const asked = await followUp(() => wire.call(toQueryScore(handle, settings), call));
  if (!isDone(asked)) return followUp(async () => fromRejection('payscore.query', asked));
  const after = fromQueryScore(asked, handle, settings);
  const now = fromCaptureBeforeClose(after, id);
  return now ?? { status: 'unknown', doubt: 'repeated-id', ...evidenceOf(after) };
}

export const releaseVerbs = (room: ScoreRoom) => ({
  cancelAuthorization: (
    request: CancelAuthorizationRequest,
    call: Call<'cancellation'>,
  ): Promise<Cancelling> => cancelAuthorization(room, request, call),
});
