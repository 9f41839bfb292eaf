/**
 * gateway · requests: the contract's requests, in which an earlier payment, authorization or agreement
 * is named by the merchant's own id instead of a channel's reference.
 */
import { createHash } from 'node:crypto';
import {
  type CancelAuthorizationRequest,
  type CancelCaptureRequest,
  type CancelRequest,
  type CaptureRequest,
  type ConfirmPayRequest,
  type ConfirmSignUpRequest,
  isSecret,
  type OrderFields,
  type PayoutRequest,
  type Ref,
  type RefundRequest,
  type Request,
  type Scene,
  type SignUpRequest,
  type SignUpScene,
} from '@polyrail/core';

/** Every reference becomes the id of the entry it names. */
type Named<R> = R extends unknown
  ? { [K in keyof R]: R[K] extends Ref<infer _> ? string : R[K] }
  : never;
/** `extra` is the channel's own; whichever channel is routed to checks it. */
type WithExtra<R> = R & { readonly extra?: object };

export type PayOrder = WithExtra<Named<Request<Scene, never, OrderFields>>>;
export type AuthorizeOrder = WithExtra<Named<Request<Scene, never, OrderFields>>>;
export type CaptureOrder = Named<CaptureRequest>;
export type RefundOrder = WithExtra<Named<RefundRequest>>;
export type CancelOrder = Named<CancelRequest>;
export type CancelCaptureOrder = Named<CancelCaptureRequest>;
export type CancelAuthorizationOrder = Named<CancelAuthorizationRequest>;
export type SignUpOrder = WithExtra<SignUpRequest<SignUpScene>>;
export type PayoutOrder = WithExtra<PayoutRequest>;
export type ConfirmPayOrder = Named<ConfirmPayRequest>;
export type ConfirmSignUpOrder = Named<ConfirmSignUpRequest>;

/** Members in one order, secrets as their mask: the same content gives the same text. */
function canonical(value: unknown): unknown {
  if (isSecret(value)) return value.toString();
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, canonical(member)]));
}

export function holdsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsSecret);
}

/** The request as it may be stored: plain data, each secret a mask. */
export const withoutSecrets = (request: object): Record<string, unknown> =>
  canonical(request) as Record<string, unknown>;

/**
 * Tells the same request from another under the same id. When it was started is no part of it, and
 * neither is what a secret says: nothing that could be guessed from a digest is stored.
 */
export function fingerprintOf(verb: string, request: object): string {
  const { startedAt, ...content } = withoutSecrets(request);
  return createHash('sha256')
    .update(JSON.stringify([verb, content]))
    .digest('base64url');
}
