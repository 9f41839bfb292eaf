/** alipay · release: frozen money given free - a part, the rest, or the authorization as a whole. */
import {
  type Call,
  type CancelAuthorizationRequest,
  type Clock,
  type Finding,
  formatMoney,
  type Money,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { beforehand, followUp } from '@polyrail/kit/question';
import { fromRejection, isAccepted, requireTold } from './answer.ts';
import { fromQueryAuthorization, toQueryAuthorization } from './authorization.ts';
import { operationStateOf } from './authorization-codes.ts';
import { cancellationHandle, readAuthorizationHandle } from './handle.ts';
import {
  type Message,
  requiredText,
  requiredYuan,
  requireEcho,
  requireYuan,
  textOf,
} from './messages.ts';
import { pollAfterMs } from './trade.ts';
import type { Exchange, Wire } from './wire.ts';

type Cancelling = Finding<'cancellation'>;
type Holding = Finding<'authorization'>;

const unfreeze = 'alipay.fund.auth.order.unfreeze';
const undo = 'alipay.fund.auth.operation.cancel';
const detail = 'alipay.fund.auth.operation.detail.query';

/** A request may still be on its way that long after an authorization without a handle. */
const visibilityMs = 60_000;

/** Quirk: both calls require a remark, which the payer reads. */
const remarks = { release: '资金授权解冻', undo: '资金授权撤销' } as const;

/** Ends a credit authorization with its last release; others leave it alone (§11.1). */
const complete = JSON.stringify({ unfreezeBizInfo: JSON.stringify({ bizComplete: 'true' }) });

export interface Release {
  readonly authNo: string;
  readonly amount: Money;
  /** Nothing shall be captured any more. */
  readonly whole: boolean;
}

/** Pure: a release in the channel's words. */
export function toRelease(request: CancelAuthorizationRequest, release: Release): Exchange {
  const { authorization, merchantCancelId } = request;
  return {
    method: unfreeze,
    fields: {
      auth_no: release.authNo,
      out_request_no: merchantCancelId,
      amount: formatMoney(release.amount),
      remark: remarks.release,
      extra_param: release.whole ? complete : undefined,
    },
    handle: cancellationHandle({ kind: 'release', order: authorization.merchantId }),
  };
}

/** A release as it stands, from the members that its answer and its query share. */
function fromOperation(node: Message, order: string): Cancelling {
  requireYuan(node);
  requireEcho(node, 'out_order_no', order);
  const amount = requiredYuan(node, 'amount');
  const told = {
    evidence: 'signed',
    raw: node,
    merchantId: requiredText(node, 'out_request_no'),
    channelId: textOf(node, 'operation_id'),
    amount,
    handle: cancellationHandle({ kind: 'release', order }),
  } as const;
  const status = requiredText(node, 'status');
  switch (operationStateOf(status)) {
    case 'open':
      return { status: 'pending', waitingFor: 'channel', pollAfterMs, ...told };
    case 'done':
      return { status: 'succeeded', effect: 'released', ...told };
    case 'closed':
      return {
        status: 'failed',
        reason: 'other',
        retry: 'new-id',
        channelCode: status,
        channelMessage: undefined,
        ...told,
      };
    default:
      throw new PolyrailError('REPLY_UNREADABLE', 'The release has an undocumented status', {
        doubt: 'unreadable-reply',
        channelCode: status,
      });
  }
}

/** Pure: what the answer to a release says; `undefined` when only the release's query can tell. */
export function fromRelease(node: Message, order: string, asked: Money): Cancelling | undefined {
  if (isAccepted(node)) {
    const found = fromOperation(node, order);
    const { amount } = found as { amount?: Money };
    if (amount?.amount === asked.amount) return found;
    const message = 'The answer releases another amount than was asked for';
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
  }
  const finding = fromRejection<'cancellation'>(unfreeze, node);
  if (finding.status === 'unknown' && finding.doubt === 'repeated-id') return undefined;
  return finding;
}

/** Pure: the question about one release. */
export const toQueryRelease = (order: string, merchantCancelId: string): Exchange => ({
  method: detail,
  fields: {
    out_order_no: order,
    out_request_no: merchantCancelId,
    operation_type: 'UNFREEZE',
  },
});

export function fromQueryRelease(node: Message, order: string): Cancelling {
  if (!isAccepted(node)) return fromRejection(detail, node);
  requireEcho(node, 'operation_type', 'UNFREEZE');
  return fromOperation(node, order);
}

/** Pure: an order that holds nothing to release, and a release that is not among its operations. */
export function fromNothingLeft(found: Cancelling, hold: Pick<Holding, 'raw'>): Cancelling {
  if (found.status !== 'unknown' || found.doubt !== 'not-found') return found;
  const { raw } = hold;
  const words = { channelCode: found.channelCode, channelMessage: found.channelMessage };
  return {
    status: 'failed',
    reason: 'order-closed',
    retry: 'never',
    evidence: 'signed',
    raw,
    ...words,
  };
}

/** Pure: undoing an authorization in the channel's words. */
export const toUndo = ({ merchantId }: Ref<'authorization'>): Exchange => ({
  method: undo,
  fields: { out_order_no: merchantId, out_request_no: merchantId, remark: remarks.undo },
  handle: cancellationHandle({ kind: 'undo', order: merchantId }),
});

const undone: Readonly<Record<string, 'closed' | 'released'>> = {
  close: 'closed',
  unfreeze: 'released',
};

/** Pure: what undoing did; `undefined` when only the authorization's query can tell. */
export function fromUndo(node: Message, target: Ref<'authorization'>): Cancelling | undefined {
  const handle = cancellationHandle({ kind: 'undo', order: target.merchantId });
  if (!isAccepted(node)) {
    const finding = fromRejection<'cancellation'>(undo, node);
    const asks = finding.status === 'unknown' && finding.doubt === 'repeated-id';
    return asks ? undefined : { ...finding, handle };
  }
  requireEcho(node, 'out_order_no', target.merchantId);
  requireEcho(node, 'out_request_no', target.merchantId);
  const action = requiredText(node, 'action');
  const effect = Object.hasOwn(undone, action) ? undone[action] : undefined;
  if (effect === undefined) {
    throw new PolyrailError('REPLY_UNREADABLE', 'The answer names an undocumented action', {
      doubt: 'unreadable-reply',
      channelCode: action,
    });
  }
  const amount = effect === 'released' ? target.amount : undefined;
  const channelId = textOf(node, 'operation_id');
  return { status: 'succeeded', effect, amount, channelId, evidence: 'signed', raw: node, handle };
}

/**
 * Pure: whether an authorization was undone, from its state.
 *
 * Quirk: undoing has no number of its own. An authorization of which something was captured is past
 * undoing: what was not captured is released by a cancellation with an id.
 */
export function fromStateAfterUndo(hold: Holding, order: string): Cancelling {
  const { evidence, raw } = hold;
  const told = { evidence, raw, handle: cancellationHandle({ kind: 'undo', order }) };
  if (hold.status === 'unknown') {
    const { doubt, cause, channelCode, channelMessage } = hold;
    return { status: 'unknown', doubt, cause, channelCode, channelMessage, ...told };
  }
  if (hold.status === 'failed') return { status: 'succeeded', effect: 'closed', ...told };
  if (hold.status === 'succeeded' && hold.remaining?.amount === 0) {
    const released = hold.captured?.amount === 0;
    if (released) {
      return { status: 'succeeded', effect: 'released', amount: hold.amount, ...told };
    }
    const words = { channelCode: undefined, channelMessage: undefined };
    return { status: 'failed', reason: 'order-closed', retry: 'never', ...told, ...words };
  }
  return { status: 'unknown', doubt: 'not-found', ...told };
}

/**
 * Pure: the undoing of an authorization whose fate is unknown.
 *
 * Quirk: an order that Alipay does not know proves nothing while the payer may still hold a working
 * code, or the request may be on its way: it can be made a moment later.
 */
export function fromReversal(
  found: Cancelling,
  target: Ref<'authorization'>,
  nowMs: number,
): Cancelling {
  if (found.status !== 'unknown' || found.doubt !== 'not-found') return found;
  const startedMs = Date.parse(target.startedAt);
  const untilMs = readAuthorizationHandle(target)?.linkUntilMs ?? startedMs + visibilityMs;
  if (nowMs < untilMs) return found;
  const { evidence, raw, handle } = found;
  return { status: 'succeeded', effect: 'nothing-there', evidence, raw, handle };
}

const ask = async (wire: Wire, order: string, call: Call): Promise<Holding> =>
  fromQueryAuthorization(await wire.call(toQueryAuthorization({ merchantId: order }), call));

/** Asks whether an authorization was undone as a whole. */
export const queryUndo = async (wire: Wire, order: string, call: Call): Promise<Cancelling> =>
  fromStateAfterUndo(await ask(wire, order, call), order);

interface ReleaseId {
  readonly order: string;
  readonly id: string;
}

/** Asks about one release. */
export const queryRelease = async (
  wire: Wire,
  { order, id }: ReleaseId,
  call: Call,
): Promise<Cancelling> => fromQueryRelease(await wire.call(toQueryRelease(order, id), call), order);

async function undoWhole(
  wire: Wire,
  target: Ref<'authorization'>,
  call: Call,
): Promise<Cancelling> {
  const found = fromUndo(await wire.call(toUndo(target), call), target);
  return found ?? followUp(() => queryUndo(wire, target.merchantId, call));
}

/** Undoes an authorization whose fate is unknown. */
export async function reverseAuthorization(
  { wire, clock }: { wire: Wire; clock: Clock },
  target: Ref<'authorization'>,
  call: Call,
): Promise<Cancelling> {
  readAuthorizationHandle(target);
  return fromReversal(await undoWhole(wire, target, call), target, clock.now());
}

/** A release from an order that is not paid yet: the order ends; a part of it cannot. */
async function cancelOpen(
  wire: Wire,
  request: CancelAuthorizationRequest,
  { hold, call }: { hold: Holding; call: Call },
): Promise<Cancelling> {
  const { authorization, amount } = request;
  const whole = (hold as { amount?: Money }).amount;
  if (amount === undefined || amount.amount === whole?.amount) {
    return undoWhole(wire, authorization, call);
  }
  const words = { channelCode: undefined, channelMessage: undefined };
  const { evidence, raw } = hold;
  return { status: 'failed', reason: 'other', retry: 'same-id', evidence, raw, ...words };
}

async function release(
  wire: Wire,
  request: CancelAuthorizationRequest,
  { planned, call }: { planned: Release; call: Call },
): Promise<Cancelling> {
  const order = request.authorization.merchantId;
  const node = await wire.call(toRelease(request, planned), call);
  const found = fromRelease(node, order, planned.amount);
  if (found !== undefined) return found;
  const id = request.merchantCancelId;
  const asked = await followUp(() => queryRelease(wire, { order, id }, call));
  return fromNothingLeft(asked, { raw: node });
}

/**
 * Gives frozen money free. The authorization is read first: only an order that holds money can
 * release some, and one that was not paid yet is closed instead.
 */
export async function cancelAuthorization(
  wire: Wire,
  request: CancelAuthorizationRequest,
  call: Call<'cancellation'>,
): Promise<Cancelling> {
  const { authorization, merchantCancelId, amount } = request;
  const order = authorization.merchantId;
  const hold = requireTold(await ask(wire, order, beforehand(call)), 'the authorization');
  if (hold.merchantId !== order) {
    const message = 'The answer is about another authorization than the one asked about';
    throw new PolyrailError('REPLY_UNVERIFIED', message, { doubt: 'contradicts-request' });
  }
  if (hold.status === 'failed') return fromStateAfterUndo(hold, order);
  if (hold.status === 'pending') return cancelOpen(wire, request, { hold, call });
  if (amount === undefined && hold.remaining?.amount === 0) {
    const id = merchantCancelId;
    return fromNothingLeft(await queryRelease(wire, { order, id }, beforehand(call)), hold);
  }
  const asked = amount ?? hold.remaining;
  const authNo = authorization.channelId ?? hold.channelId;
  if (authNo === undefined || asked === undefined) {
    const message = 'Alipay does not tell the number of the authorization, or what is left';
    throw new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });
  }
  const planned = { authNo, amount: asked, whole: amount === undefined };
  return release(wire, request, { planned, call });
}
