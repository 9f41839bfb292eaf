/** alipay · handle: what a reference must carry beside its ids, as an opaque versioned string. */
import { type Noun, PolyrailError, type Ref } from '@polyrail/core';

const version = 'a1';

/** How a payment was started, and until when its payer may hold a working link; 0: no link. */
export interface PaymentHandle {
  readonly scene: string;
  /** Milliseconds since the epoch; `Infinity` when nothing ends the link. */
  readonly linkUntilMs: number;
}

const refuse = (noun: Noun): PolyrailError =>
  new PolyrailError(
    'REQUEST_INVALID',
    `handle must be the one this adapter gave with the ${noun}: pass its reference unchanged`,
    { field: 'handle' },
  );

export const paymentHandle = ({ scene, linkUntilMs }: PaymentHandle): string =>
  [version, scene, linkUntilMs === Number.POSITIVE_INFINITY ? 'open' : linkUntilMs].join('|');

/** `undefined` for a reference that the merchant made by hand. */
export function readPaymentHandle(ref: Ref<Noun>): PaymentHandle | undefined {
  if (ref.handle === undefined) return undefined;
  const [, scene, until] = /^a1\|([a-z0-9-]+)\|(open|\d{1,16})$/.exec(ref.handle) ?? [];
  if (scene === undefined || until === undefined) throw refuse('payment');
  return { scene, linkUntilMs: until === 'open' ? Number.POSITIVE_INFINITY : Number(until) };
}

/** Refunds and cancellations are asked about through the trade they undo. */
export const tradeHandle = (merchantPaymentId: string): string => `${version}|${merchantPaymentId}`;

/** @throws PolyrailError `REQUEST_INVALID` when the reference does not say which trade it is about */
export function readTradeHandle(ref: Ref<Noun>): string {
  const [, id] = /^a1\|([^|]{1,64})$/.exec(ref.handle ?? '') ?? [];
  if (id === undefined) throw refuse(ref.noun);
  return id;
}

/** How money was frozen: its capture must name the same product (§11.5). */
export interface AuthorizationHandle {
  readonly productCode: string;
  /** Until when the payer may hold a working code; milliseconds since the epoch. */
  readonly linkUntilMs: number;
}

export const authorizationHandle = ({ productCode, linkUntilMs }: AuthorizationHandle): string =>
  [version, 'hold', productCode, linkUntilMs].join('|');

/** `undefined` for a reference that a notification told, or the merchant made by hand. */
export function readAuthorizationHandle(ref: Ref<Noun>): AuthorizationHandle | undefined {
  if (ref.handle === undefined) return undefined;
  const [, code, until] = /^a1\|hold\|([A-Z0-9_]{1,64})\|(\d{1,16})$/.exec(ref.handle) ?? [];
  if (code === undefined || until === undefined) throw refuse('authorization');
  return { productCode: code, linkUntilMs: Number(until) };
}

/**
 * What a cancellation undid: a `trade`, an authorization as a whole (`undo`), or a part of one
 * (`release`), which is an operation with an id of its own.
 */
export interface CancellationHandle {
  readonly kind: 'trade' | 'undo' | 'release';
  /** The merchant's id of the trade or of the authorization. */
  readonly order: string;
}

export const cancellationHandle = ({ kind, order }: CancellationHandle): string =>
  kind === 'trade' ? tradeHandle(order) : [version, kind, order].join('|');

/** A reversed payment's cancellation has the payment's id and needs no handle. */
export function readCancellationHandle(ref: Ref<'cancellation'>): CancellationHandle {
  if (ref.handle === undefined) return { kind: 'trade', order: ref.merchantId };
  const [, kind, order] = /^a1\|(undo|release)\|([^|]{1,64})$/.exec(ref.handle) ?? [];
  if (order === undefined) return { kind: 'trade', order: readTradeHandle(ref) };
  return { kind: kind as 'undo' | 'release', order };
}

/** What an agreement is asked about by, beside the merchant's id (§12.2). */
export interface AgreementHandle {
  readonly personalProductCode: string;
  readonly signScene: string;
}

export const agreementHandle = ({ personalProductCode, signScene }: AgreementHandle): string =>
  [version, 'sign', personalProductCode, encodeURIComponent(signScene)].join('|');

export function readAgreementHandle(ref: {
  readonly handle?: string | undefined;
}): AgreementHandle | undefined {
  if (ref.handle === undefined) return undefined;
  const [, code, scene] = /^a1\|sign\|([A-Z0-9_]{1,64})\|([^|]{1,256})$/.exec(ref.handle) ?? [];
  if (code === undefined || scene === undefined) throw refuse('agreement');
  return { personalProductCode: code, signScene: decodeURIComponent(scene) };
}

/** What a transfer is asked about by, beside the merchant's id (§13.2). */
export interface PayoutHandle {
  readonly productCode: string;
  readonly bizScene: string;
}

export const payoutHandle = ({ productCode, bizScene }: PayoutHandle): string =>
  [version, 'out', productCode, bizScene].join('|');

export function readPayoutHandle(ref: Ref<Noun>): PayoutHandle | undefined {
  if (ref.handle === undefined) return undefined;
  const pattern = /^a1\|out\|([A-Z0-9_]{1,64})\|([A-Z0-9_]{1,64})$/;
  const [, productCode, bizScene] = pattern.exec(ref.handle) ?? [];
  if (productCode === undefined || bizScene === undefined) throw refuse('payout');
  return { productCode, bizScene };
}
