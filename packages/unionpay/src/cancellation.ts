/**
 * unionpay · cancellation: undoing what succeeded before the day ends (撤销), and what nobody knows the
 * fate of (冲正) (dossier §9.7, §9.9, §12).
 */
import {
  type Call,
  type CancelAuthorizationRequest,
  type CancelCaptureRequest,
  type CancelRequest,
  type Clock,
  dayOf,
  epochMsOf,
  type Finding,
  type Instant,
  type Noun,
  PolyrailError,
  type Ref,
} from '@polyrail/core';
import { contradicts } from '@polyrail/kit/fields';
import { beforehand } from '@polyrail/kit/question';
import { failed, notFound, type Verdict } from '@polyrail/kit/verdict';
import { acceptedFinding, fromRejection, isAccepted, isDone } from './answer.ts';
import { dayEndsAt } from './capabilities.ts';
import type { Settings } from './config.ts';
import type { Exchange } from './exchange.ts';
import { readOrderHandle, readUndoHandle, undoHandle } from './handle.ts';
import { evidenceOf, inquire, isTold, type Told, unfinished } from './inquiry.ts';
import { queryIdOf } from './messages.ts';
import { currencyCode, fenText } from './order.ts';
import { type Original, originalOf } from './original.ts';
import { belongingTo, effectOf, products, services, type Transaction } from './transactions.ts';
import type { Wire } from './wire.ts';

export type Cancelling = Finding<'cancellation'>;

export interface CancelRoom {
  readonly wire: Wire;
  readonly settings: Settings;
  readonly clock: Clock;
}

type Undone = Ref<'payment' | 'authorization'>;

/** A whole transaction undone, in UnionPay's words. */
function toUndo(
  transaction: Transaction,
  { queryId, amount, product }: Original,
  { id, startedAt, settings }: { id: string; startedAt: Instant; settings: Settings },
): Exchange {
  return {
    transaction,
    order: { id, startedAt },
    fields: {
      txnAmt: fenText(amount),
      currencyCode,
      origQryId: queryId,
      backUrl: settings.notifyUrl,
    },
    handle: undoHandle('cancel', product),
  };
}

/** The clearing day of a moment. */
const clearingDay = (epochMs: number): string => dayOf(epochMs, 'Asia/Shanghai', dayEndsAt);

/**
 * Quirk: "the original's state does not allow it" is said of what was cleared, and of much else. Of
 * what began on an earlier clearing day, and goes by that day, the first is told.
 */
function overruled(ref: Undone, sameDayOnly: boolean, nowMs: number) {
  return (code: string, subCode: string | undefined): Verdict | undefined => {
    const beganMs = epochMsOf(ref.startedAt) ?? nowMs;
    const passed = sameDayOnly && clearingDay(beganMs) < clearingDay(nowMs);
    const isAboutState = code === '35' && subCode !== '2011001' && subCode !== '2011000';
    return passed && isAboutState ? failed('window-passed', 'never') : undefined;
  };
}

interface Undoing {
  readonly ref: Undone;
  readonly id: string;
  readonly kind: 'cancel' | 'cancelAuthorization' | 'cancelCapture';
}

async function undo(
  { wire, settings, clock }: CancelRoom,
  { ref, id, kind }: Undoing,
  call: Call<'cancellation'>,
): Promise<Cancelling> {
  const original = await originalOf(wire, ref, call);
  const transaction = belongingTo(original.product, kind);
  const { startedAt } = call.ref;
  const exchange = toUndo(transaction, original, { id, startedAt, settings });
  const message = await wire.call(exchange, call);
  if (!isAccepted(message)) {
    const sameDayOnly = kind !== 'cancelAuthorization';
    return fromRejection(transaction, message, overruled(ref, sameDayOnly, clock.now()));
  }
  return { ...acceptedFinding(message), channelId: queryIdOf(message) };
}

/** Pure: what a transaction says of a cancellation. */
export function fromTold(told: Told): Cancelling {
  const effect = effectOf[told.txnType];
  if (effect === undefined) throw contradicts('The number belongs to no cancellation');
  const { amount } = told;
  return unfinished(told) ?? { status: 'succeeded', effect, amount, ...evidenceOf(told) };
}

/** What a reversal did, by what was known of its target before. */
function effectOfReversal(before: Told | undefined, noun: Noun): Cancelling {
  const effect = noun === 'authorization' ? 'released' : 'refunded';
  const told = { evidence: 'signed' } as const;
  if (before === undefined) return { status: 'succeeded', effect: 'nothing-there', ...told };
  if (before.state.is !== 'succeeded') return { status: 'succeeded', effect: 'closed', ...told };
  return { status: 'succeeded', effect, amount: before.amount, ...told };
}

/** That there is nothing to reverse is a reading: the original may still be on its way. */
const nothingToReverse = (code: string): Verdict | undefined =>
  code === '35' || code === '36' || code === '45' ? notFound : undefined;

/**
 * Undoes what nobody knows the fate of. It is looked at first: a reversal's own answer does not say
 * what it found.
 */
async function reverse(
  { wire, clock }: CancelRoom,
  target: Undone,
  call: Call<'cancellation'>,
): Promise<Cancelling> {
  const product = readOrderHandle(target)?.product;
  const bizType = product === undefined ? undefined : products[product].bizType;
  const before = await inquire(wire, { ref: target as Ref<Noun>, bizType }, beforehand(call));
  if (!isTold(before) && before.doubt !== 'not-found') {
    throw before.cause ?? new PolyrailError('UNAVAILABLE', 'UnionPay does not tell the original');
  }
  const exchange: Exchange = {
    transaction: services.reverse,
    order: { id: target.merchantId, startedAt: target.startedAt },
    fields: {},
    handle: undoHandle('reversal', product),
  };
  const message = await wire.call(exchange, call);
  if (isDone(message)) {
    const known = isTold(before) ? before : undefined;
    return { ...effectOfReversal(known, target.noun), raw: message } as Cancelling;
  }
  if (isAccepted(message)) return acceptedFinding(message);
  const succeeded = isTold(before) && before.state.is === 'succeeded';
  const overrule = succeeded ? overruled(target, true, clock.now()) : nothingToReverse;
  return fromRejection(services.reverse, message, overrule);
}

/**
 * What became of a reversal: it has no number of its own, so that the state of its target tells. One
 * that stands as succeeded was not reversed, or not yet.
 */
async function askReversal(
  { wire }: CancelRoom,
  { ref, bizType }: { ref: Ref<'cancellation'>; bizType: string | undefined },
  call: Call,
): Promise<Cancelling> {
  const noun = 'payment';
  const found = await inquire(wire, { ref: { ...ref, noun }, bizType }, call);
  if (!isTold(found)) return found as Cancelling;
  const told = { evidence: 'signed', raw: found.message } as const;
  if (found.state.is === 'failed') return { status: 'succeeded', effect: 'closed', ...told };
  return { status: 'unknown', doubt: 'not-found', ...told };
}

async function ask(room: CancelRoom, ref: Ref<'cancellation'>, call: Call): Promise<Cancelling> {
  const handle = readUndoHandle(ref);
  const product = handle?.product;
  const bizType = product === undefined ? undefined : products[product].bizType;
  if (handle?.kind === 'reversal') return askReversal(room, { ref, bizType }, call);
  const found = await inquire(room.wire, { ref, bizType }, call);
  return isTold(found) ? fromTold(found) : (found as Cancelling);
}

/** The verbs of this file, strung on the wire. */
export const cancellationVerbs = (room: CancelRoom) => ({
  cancel: ({ payment, merchantCancelId }: CancelRequest, call: Call<'cancellation'>) =>
    undo(room, { ref: payment, id: merchantCancelId, kind: 'cancel' }, call),
  cancelAuthorization: (
    { authorization: ref, merchantCancelId: id }: CancelAuthorizationRequest,
    call: Call<'cancellation'>,
  ) => undo(room, { ref, id, kind: 'cancelAuthorization' }, call),
  cancelCapture: (
    { payment, merchantCancelId }: CancelCaptureRequest,
    call: Call<'cancellation'>,
  ) => undo(room, { ref: payment, id: merchantCancelId, kind: 'cancelCapture' }, call),
  async reverse(
    target: Ref<'payment' | 'authorization' | 'cancellation'>,
    call: Call<'cancellation'>,
  ): Promise<Cancelling> {
    if (target.noun !== 'cancellation') return reverse(room, target as Undone, call);
    const message = 'A cancellation is settled by asking about it, or by repeating it';
    throw new PolyrailError('UNSUPPORTED', message, { field: 'noun' });
  },
  queryCancellation: (ref: Ref<'cancellation'>, call: Call<'cancellation'>) => ask(room, ref, call),
});
