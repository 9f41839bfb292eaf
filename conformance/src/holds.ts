/** conformance · holds: what laws do with authorizations - ask for a hold, capture it, release it. */
import assert from 'node:assert/strict';
import {
  type Authorization,
  type Cancellation,
  instantOf,
  type Money,
  type Options,
  type Payment,
  type Ref,
  type Scene,
} from '@polyrail/core';
import { amountFor, approve, orderFor, type PayRequest, verbOf } from './acts.ts';
import { foundOn } from './found.ts';
import { notApplicable } from './law.ts';
import type { Client, Stage } from './stage.ts';
import type { AuthorizationTruth } from './subject.ts';

/** The scenes in which money can be held here. */
export const holdScenes = ({ channel }: Client): readonly Scene[] =>
  channel.capabilities.scenes?.authorize ?? [];

export interface HoldOptions {
  readonly scene?: Scene;
  readonly id?: string;
  readonly amount?: Money;
}

/** A complete request of `authorize`, as the subject's samples fill it in. */
export function holdFor(stage: Stage, options: HoldOptions = {}): PayRequest {
  const { site, subject } = stage;
  const [first] = [...foundOn(site).authorize, ...holdScenes(stage.client)];
  const scene = options.scene ?? first;
  if (scene === undefined) return notApplicable('no scene of the channel holds money');
  const id = options.id ?? stage.freshId();
  const order = orderFor(stage, { ...options, id, scene });
  const { extra: _ofPay, ...plain } = order;
  const own = subject.samples?.authorize?.[scene] ?? subject.samples?.scenes?.[scene];
  return { ...plain, ...own?.(site, id) } as PayRequest;
}

export const authorize = (
  client: Client,
  request: unknown,
  options?: Options,
): Promise<Authorization> => verbOf(client.channel, 'authorize')(request as never, options);

export const queryAuthorization = (
  client: Client,
  ref: Ref<'authorization'>,
): Promise<Authorization> => verbOf(client.channel, 'queryAuthorization')(ref);

export const capture = (client: Client, request: unknown, options?: Options): Promise<Payment> =>
  verbOf(client.channel, 'capture')(request as never, options);

export const cancelAuthorization = (
  client: Client,
  request: unknown,
  options?: Options,
): Promise<Cancellation> =>
  verbOf(client.channel, 'cancelAuthorization')(request as never, options);

/** The ledger about one authorization; not applicable where the site does not tell. */
export async function holdTruth(stage: Stage, id: string): Promise<AuthorizationTruth> {
  const { site } = stage;
  if (site.authorization === undefined) {
    return notApplicable('the site tells nothing of authorizations');
  }
  const truth = await site.authorization(id);
  return truth ?? { state: 'never heard of', holds: 0, held: 0, captured: 0, released: 0 };
}

export interface Held {
  readonly id: string;
  readonly request: PayRequest;
  readonly amount: Money;
  /** As `authorize` returned it. */
  readonly started: Authorization;
  readonly ref: Ref<'authorization'>;
}

/** An authorization asked for, whatever became of it. */
export async function askedHold(stage: Stage, options: HoldOptions = {}): Promise<Held> {
  const request = holdFor(stage, options);
  const started = await authorize(stage.client, request);
  const { merchantPaymentId: id, amount } = request;
  return { id, request, amount, started, ref: started.ref };
}

/** Money that is held: asked for, granted by the payer, known to the ledger. */
export async function heldMoney(stage: Stage, options: HoldOptions = {}): Promise<Held> {
  const asked = await askedHold(stage, { amount: amountFor(stage, 3000), ...options });
  await approve(stage, asked.started);
  const { held } = await holdTruth(stage, asked.id);
  assert.equal(held, asked.amount.amount, `setting the stage: money is held under ${asked.id}`);
  return asked;
}

/** Whether what is held may be captured in parts, so that a capture leaves the rest held. */
export const inParts = ({ client }: Stage): boolean =>
  client.channel.capabilities.partialCaptures !== false;

/** How much may be taken of a hold: on some channels more than is held. */
export const mostOf = ({ client }: Stage, { amount }: Held): number =>
  Math.floor((amount.amount * (client.channel.capabilities.captureLimitPercent ?? 100)) / 100);

/** Whether a part of what is held may be released. */
export const freesParts = ({ client }: Stage): boolean =>
  client.channel.capabilities.partialReleases !== false;

/**
 * A request of `capture` for part of what is held, under an id of its own. It leaves the rest held
 * where the channel can: elsewhere the rest is released with it.
 */
export const captureOf = (stage: Stage, held: Held, minorUnits: number) => ({
  authorization: held.ref,
  merchantPaymentId: stage.freshId(),
  amount: { ...held.amount, amount: minorUnits },
  startedAt: instantOf(stage.site.clock.now()),
  final: !inParts(stage),
  description: 'Polyrail conformance',
});

/**
 * A request that releases part of what is held; without an amount, or where parts are not released,
 * all that is left.
 */
export const releaseOf = (stage: Stage, held: Held, minorUnits?: number) => ({
  authorization: held.ref,
  merchantCancelId: stage.freshId(),
  startedAt: instantOf(stage.site.clock.now()),
  ...(minorUnits === undefined || !freesParts(stage)
    ? {}
    : { amount: { ...held.amount, amount: minorUnits } }),
});
