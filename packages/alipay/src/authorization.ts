/** alipay · authorization: money frozen with a code or by a scan, asked about, and captured. */
import {
  type Call,
  type CaptureRequest,
  type Clock,
  epochMsOf,
  type Finding,
  formatMoney,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { beforehand } from '@polyrail/kit/question';
import { fromRejection, isAccepted, isInProgress, requireTold } from './answer.ts';
import { holdStateOf, operationStateOf } from './authorization-codes.ts';
import { authorizeFields } from './authorization-extra.ts';
import type { Settings } from './config.ts';
import { requireLength } from './extra.ts';
import { authorizationHandle, paymentHandle, readAuthorizationHandle } from './handle.ts';
import {
  type Message,
  requiredText,
  requiredYuan,
  requireEcho,
  requireYuan,
  textOf,
  yuanOf,
} from './messages.ts';
import { codeScene } from './order.ts';
import type { AuthorizeRequest } from './shape.ts';
import { fromPaid, fromWaiting, pollAfterMs } from './trade.ts';
import type { Exchange, Wire } from './wire.ts';

type Holding = Finding<'authorization'>;
type Paying = Finding<'payment'>;

const minuteMs = 60_000;
/** How long a payer has where the merchant does not say, and at the longest (dossier §11.1). */
const usualMinutes = 15;
const longestMinutes = 15 * 24 * 60;
/** A request may still be on its way that long, and clocks differ. */
const marginMs = minuteMs;

const methods = {
  barcode: 'alipay.fund.auth.order.freeze',
  qr: 'alipay.fund.auth.order.voucher.create',
} as const;
const products = { barcode: 'PRE_AUTH', qr: 'PRE_AUTH_ONLINE' } as const;

/** Alipay takes a length of time in whole minutes: never longer than what the merchant allows. */
function minutesUntil(expiresAt: string | undefined, nowMs: number): number | undefined {
  const untilMs = expiresAt === undefined ? undefined : epochMsOf(expiresAt);
  if (untilMs === undefined) return undefined;
  const minutes = Math.floor((untilMs - nowMs) / minuteMs);
  if (minutes >= 1 && minutes <= longestMinutes) return minutes;
  const message = 'expiresAt must lie between one minute and fifteen days ahead';
  throw new PolyrailError('REQUEST_INVALID', message, { field: 'expiresAt' });
}

/** Pure: an authorization as Alipay is asked for it. Its order and its operation share the id. */
export function toAuthorize(request: AuthorizeRequest, nowMs: number): Exchange {
  const { scene, merchantPaymentId, amount, description, extra = {} } = request;
  requireLength('description', description, 100);
  requireLength('notifyUrl', request.notifyUrl, 256);
  if (request.attachment !== undefined) {
    const message = 'attachment is not carried by an authorization at Alipay';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'attachment' });
  }
  const minutes = minutesUntil(request.expiresAt, nowMs);
  const productCode = extra.productCode ?? products[scene];
  const openMs = scene === 'qr' ? (minutes ?? usualMinutes) * minuteMs : 0;
  const code =
    scene === 'barcode'
      ? { auth_code: request.authCode, auth_code_type: codeScene(request.authCode) }
      : {};
  return {
    method: methods[scene],
    notifyUrl: request.notifyUrl,
    fields: {
      out_order_no: merchantPaymentId,
      out_request_no: merchantPaymentId,
      amount: formatMoney(amount),
      order_title: description,
      product_code: productCode,
      ...(minutes === undefined ? {} : { timeout_express: `${minutes}m` }),
      ...code,
      ...authorizeFields(extra),
    },
    handle: authorizationHandle({ productCode, linkUntilMs: nowMs + openMs + marginMs }),
  };
}

const undocumented = (what: string, channelCode: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The authorization has an undocumented ${what}`, {
    doubt: 'unreadable-reply',
    channelCode,
  });

const orderClosed = {
  status: 'failed',
  reason: 'order-closed',
  retry: 'new-id',
  channelCode: 'CLOSED',
  channelMessage: undefined,
} as const;

/** Pure: what an answer to `authorize` says. */
export function fromAuthorize(request: AuthorizeRequest, node: Message): Holding {
  const { scene, merchantPaymentId, expiresAt } = request;
  const waiting = { status: 'pending', waitingFor: 'payer', pollAfterMs, expiresAt } as const;
  const told = { evidence: 'signed', raw: node, merchantId: textOf(node, 'out_order_no') } as const;
  if (scene === 'barcode' && isInProgress(node)) return { ...waiting, ...told };
  if (!isAccepted(node)) return { ...fromRejection(methods[scene], node), ...told };
  requireEcho(node, 'out_request_no', merchantPaymentId);
  const merchantId = requiredText(node, 'out_order_no');
  if (scene === 'qr') {
    const nextAction = { kind: 'qr', text: requiredText(node, 'code_value') } as const;
    return { ...waiting, nextAction, ...told, merchantId };
  }
  requireYuan(node);
  const amount = requiredYuan(node, 'amount');
  const hold = { ...told, merchantId, channelId: requiredText(node, 'auth_no'), amount };
  const status = requiredText(node, 'status');
  switch (operationStateOf(status)) {
    case 'open':
      return { ...waiting, ...hold };
    case 'done':
      // Quirk: the signature does not cover the node's name; what was frozen has a time.
      requiredText(node, 'gmt_trans');
      return { status: 'succeeded', ...hold };
    case 'closed':
      return { ...orderClosed, ...hold };
    default:
      throw undocumented('status', status);
  }
}

/** Pure: the question about an authorization, by the operation that froze. */
export const toQueryAuthorization = ({ merchantId }: Pick<Ref<'authorization'>, 'merchantId'>) =>
  ({
    method: 'alipay.fund.auth.operation.detail.query',
    fields: { out_order_no: merchantId, out_request_no: merchantId, operation_type: 'FREEZE' },
  }) as const satisfies Exchange;

const nothing = { amount: 0, currency: 'CNY' } as const;

/** What became of the money that was frozen. Its parts must not be more than the whole. */
function partsOf(node: Message, state: 'held' | 'finished' | 'closed') {
  const amount = requiredYuan(node, 'amount');
  const captured = yuanOf(node, 'total_pay_amount') ?? nothing;
  const remaining = state === 'held' ? requiredYuan(node, 'rest_amount') : nothing;
  const released = amount.amount - captured.amount - remaining.amount;
  if (released < 0) {
    const message = 'The answer tells of more captured and remaining than was frozen';
    throw new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });
  }
  return { amount, remaining, captured, released: { amount: released, currency: 'CNY' } };
}

/**
 * Pure: what the query of an authorization says.
 *
 * Quirk: an order that was never paid and one whose money was given free again are both CLOSED. Only
 * the latter's freezing succeeded: it stays `succeeded`, with everything released.
 */
export function fromQueryAuthorization(node: Message): Holding {
  if (!isAccepted(node)) return fromRejection('alipay.fund.auth.operation.detail.query', node);
  requireYuan(node);
  requireEcho(node, 'operation_type', 'FREEZE');
  const merchantId = requiredText(node, 'out_order_no');
  requireEcho(node, 'out_request_no', merchantId);
  const channelId = textOf(node, 'auth_no');
  const told = { evidence: 'signed', raw: node, merchantId, channelId } as const;
  const amount = requiredYuan(node, 'amount');
  const status = requiredText(node, 'order_status');
  const state = holdStateOf(status);
  if (state === undefined) throw undocumented('order_status', status);
  if (state === 'open') {
    return { status: 'pending', waitingFor: 'payer', pollAfterMs, ...told, amount };
  }
  const frozen = operationStateOf(requiredText(node, 'status')) === 'done';
  if (frozen) return { status: 'succeeded', ...told, ...partsOf(node, state) };
  if (state === 'closed') return { ...orderClosed, ...told, amount };
  throw undocumented('status', requiredText(node, 'status'));
}

/** What a capture must name of the authorization it captures. */
export interface Hold {
  readonly authNo: string;
  readonly productCode: string;
}

/** Pure: a capture in the channel's words: a trade, paid with the money that was frozen. */
export function toCapture(request: CaptureRequest, hold: Hold, sellerId?: string): Exchange {
  const { merchantPaymentId, amount, final, description } = request;
  requireLength('description', description, 256);
  return {
    method: 'alipay.trade.pay',
    fields: {
      out_trade_no: merchantPaymentId,
      total_amount: formatMoney(amount),
      subject: description,
      product_code: hold.productCode,
      auth_no: hold.authNo,
      auth_confirm_mode: final ? 'COMPLETE' : 'NOT_COMPLETE',
      seller_id: sellerId,
    },
    handle: paymentHandle({ scene: 'capture', linkUntilMs: 0 }),
  };
}

/** Pure: what the answer to a capture says. */
export function fromCapture(node: Message): Paying {
  if (isInProgress(node)) return fromWaiting(node, 'channel');
  if (isAccepted(node)) return fromPaid(node);
  return { ...fromRejection('alipay.trade.pay', node), merchantId: textOf(node, 'out_trade_no') };
}

const ask = async (wire: Wire, authorization: Ref<'authorization'>, call: Call): Promise<Holding> =>
  fromQueryAuthorization(await wire.call(toQueryAuthorization(authorization), call));

/** Alipay's number is looked up where nobody has told it yet: with it the money is found. */
async function holdOf(wire: Wire, authorization: Ref<'authorization'>, call: Call): Promise<Hold> {
  const { merchantId, channelId } = authorization;
  const productCode = readAuthorizationHandle(authorization)?.productCode ?? products.qr;
  if (channelId !== undefined) return { authNo: channelId, productCode };
  const found = requireTold(await ask(wire, authorization, beforehand(call)), 'the authorization');
  if (found.merchantId === merchantId && found.channelId !== undefined) {
    return { authNo: found.channelId, productCode };
  }
  const message = 'Alipay does not tell the number of the authorization';
  throw new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });
}

/** The verbs of this file, strung on the wire. */
export function authorizationVerbs(wire: Wire, room: { clock: Clock; settings: Settings }) {
  const { clock, settings } = room;
  return {
    async authorize(request: AuthorizeRequest, call: Call<'authorization'>): Promise<Holding> {
      return fromAuthorize(request, await wire.call(toAuthorize(request, clock.now()), call));
    },
    queryAuthorization: (
      authorization: Ref<'authorization'>,
      call: Call<'authorization'>,
    ): Promise<Holding> => ask(wire, authorization, call),
    async capture(request: CaptureRequest, call: Call<'payment'>): Promise<Paying> {
      const hold = await holdOf(wire, request.authorization, call);
      return fromCapture(await wire.call(toCapture(request, hold, settings.sellerId), call));
    },
  };
}
