/** unionpay · authorization: holds (预授权) and what is taken of them (完成) (dossier §9.9). */
import { type Call, type CaptureRequest, type Finding, instantOf, type Ref } from '@polyrail/core';
import { acceptedFinding, fromRejection, isAccepted, pollAfterMs } from './answer.ts';
import type { Settings } from './config.ts';
import type { Exchange } from './exchange.ts';
import { orderHandle, readOrderHandle } from './handle.ts';
import {
  evidenceOf,
  inquire,
  isOpen,
  isTold,
  msOf,
  startedAtOf,
  type Told,
  unfinished,
} from './inquiry.ts';
import { queryIdOf } from './messages.ts';
import { currencyCode, fenText, needsHider, toAuthorize } from './order.ts';
import { type Original, originalOf } from './original.ts';
import { formAction, type Paying, type PaymentRoom, takenUp } from './payment.ts';
import type { AuthorizeRequest } from './shape.ts';
import { instantOfWireTime } from './time.ts';
import { products } from './transactions.ts';

export type Authorizing = Finding<'authorization'>;

const dayMs = 24 * 3_600_000;
/** What is not taken within this time is released by itself. */
const holdMs = 30 * dayMs;

async function authorize(
  { wire, settings }: PaymentRoom,
  request: AuthorizeRequest,
  call: Call<'authorization'>,
): Promise<Authorizing> {
  const { startedAt } = call.ref;
  const hider = needsHider(request) ? await wire.hider(call) : undefined;
  const drafting = { settings, startedAt, ...(hider === undefined ? {} : { hider }) };
  const { exchange, expiresAt } = toAuthorize(request, drafting);
  const { transaction, handle } = exchange;
  if (transaction.endpoint === 'front') {
    const nextAction = formAction(await wire.handOver(exchange));
    await call.prepared(handle);
    return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, evidence: 'none' };
  }
  const message = await wire.call(exchange, call);
  if (!isAccepted(message)) return fromRejection(transaction, message);
  const nextAction = takenUp(transaction, message);
  const told = { evidence: 'signed', raw: message } as const;
  return { status: 'pending', waitingFor: 'payer', nextAction, expiresAt, ...told };
}

/** Pure: what a transaction says of a hold. It tells the hold alone, and nothing of what came after. */
export function fromTold(told: Told, payTimeout: string | undefined, nowMs: number): Authorizing {
  const { amount, message } = told;
  const evidence = evidenceOf(told);
  const open = unfinished(told);
  if (open === undefined) {
    const startedAt = startedAtOf(message);
    const holdUntil = startedAt === undefined ? undefined : instantOf(msOf(startedAt) + holdMs);
    return { status: 'succeeded', amount, holdUntil, ...evidence };
  }
  if (!isOpen(payTimeout, nowMs)) return open;
  const expiresAt = instantOfWireTime(payTimeout);
  return { status: 'pending', waitingFor: 'payer', pollAfterMs, expiresAt, amount, ...evidence };
}

/** Pure: what is taken of a hold, in UnionPay's words. */
export function toCapture(
  { merchantPaymentId, amount, description }: CaptureRequest,
  { queryId }: Original,
  { settings, startedAt }: { readonly settings: Settings; readonly startedAt: string },
): Exchange {
  return {
    transaction: products.capture,
    order: { id: merchantPaymentId, startedAt },
    fields: {
      txnAmt: fenText(amount),
      currencyCode,
      origQryId: queryId,
      backUrl: settings.notifyUrl,
      orderDesc: description,
    },
    handle: orderHandle({ product: 'capture' }),
  };
}

async function capture(
  { wire, settings }: PaymentRoom,
  request: CaptureRequest,
  call: Call<'payment'>,
): Promise<Paying> {
  const original = await originalOf(wire, request.authorization, call);
  const { startedAt } = call.ref;
  const message = await wire.call(toCapture(request, original, { settings, startedAt }), call);
  if (!isAccepted(message)) return fromRejection(products.capture, message);
  return { ...acceptedFinding(message), channelId: queryIdOf(message) };
}

/** The verbs of this file, strung on the wire. */
export const authorizationVerbs = (room: PaymentRoom) => ({
  authorize: (request: AuthorizeRequest, call: Call<'authorization'>) =>
    authorize(room, request, call),
  async queryAuthorization(ref: Ref<'authorization'>, call: Call<'authorization'>) {
    const handle = readOrderHandle(ref);
    const { bizType } = products[handle?.product ?? 'hold-page'];
    const found = await inquire(room.wire, { ref, bizType }, call);
    if (!isTold(found)) return found as Authorizing;
    return fromTold(found, handle?.payTimeout, room.clock.now());
  },
  capture: (request: CaptureRequest, call: Call<'payment'>) => capture(room, request, call),
});
