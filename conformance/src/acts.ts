/** conformance · acts: what laws do again and again - order, pay, have the payer act, look at the book. */
import assert from 'node:assert/strict';
import {
  type Channel,
  exponentOf,
  instantOf,
  isPolyrailError,
  type Money,
  type NextAction,
  type Noun,
  type Options,
  type Outcome,
  type Payment,
  type PolyrailError,
  type Ref,
  type Refund,
  type Scene,
} from '@polyrail/core';
import { foundOn } from './found.ts';
import { notApplicable } from './law.ts';
import { type Client, notifyUrl, type Stage } from './stage.ts';
import type { Truth } from './subject.ts';

/** A request of `pay`, loosely: laws also send what must not be sent. */
export interface PayRequest {
  readonly scene: Scene;
  readonly merchantPaymentId: string;
  readonly amount: Money;
  readonly description: string;
  readonly [member: string]: unknown;
}

/** How a call ended: with a result, or with an error. Laws look at either. */
export type Attempt<T> =
  | { readonly result: T; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: unknown };

export async function attempt<T>(run: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { result: await run() };
  } catch (error) {
    return { error };
  }
}

/** What happened, for messages: `unknown/no-reply`, `throws NOT_SENT`. */
export function wordsOf(attempted: Attempt<unknown>): string {
  const { result, error } = attempted;
  if (error !== undefined) {
    return `throws ${isPolyrailError(error) ? error.code : String(error).slice(0, 120)}`;
  }
  const { status, doubt, reason } = (result ?? {}) as Record<string, unknown>;
  const detail = doubt ?? reason;
  if (status === undefined) return typeof result === 'object' ? 'an answer' : String(result);
  return detail === undefined ? String(status) : `${status}/${detail}`;
}

/** The error of the contract a call must end with; anything else breaks the law. */
export function requireError(
  attempted: Attempt<unknown>,
  codes: readonly string[],
  where: string,
): PolyrailError {
  const { error } = attempted;
  const found = isPolyrailError(error) ? error.code : undefined;
  const expected = codes.join(' or ');
  assert.ok(
    isPolyrailError(error) && codes.includes(error.code),
    `${where}: ${wordsOf(attempted)} instead of throwing ${expected}${found ? `: ${error}` : ''}`,
  );
  return error as PolyrailError;
}

/** The outcome a call must return, of one of these statuses. */
export function requireStatus<T extends { readonly status: string }>(
  attempted: Attempt<T>,
  statuses: readonly T['status'][],
  where: string,
): T {
  const { result } = attempted;
  const expected = statuses.join(' or ');
  assert.ok(
    result !== undefined && statuses.includes(result.status),
    `${where}: ${wordsOf(attempted)} instead of ${expected}`,
  );
  return result as T;
}

/** What must not happen may be refused, failed or in doubt: which it was, is returned. */
export function requireNo(ending: Attempt<unknown>, where: string): string {
  const words = wordsOf(ending);
  const no = words === 'throws REFUSED' || /^(failed|unknown)/.test(words);
  assert.ok(no, `${where}: ${words}`);
  return words;
}

/** A verb the law declared in `verbs`, so that the plan made sure of it. */
export function verbOf<V extends keyof Channel>(
  channel: Channel,
  verb: V,
): NonNullable<Channel[V]> {
  const found = channel[verb];
  assert.ok(found !== undefined && found !== null, `the channel has no ${String(verb)}`);
  return (typeof found === 'function' ? found.bind(channel) : found) as NonNullable<Channel[V]>;
}

/** A modest amount in the first currency: whole minor units, within the limits. */
export function amountFor(stage: Stage, minorUnits = 1234): Money {
  const { amount: bounds, currencies } = stage.client.channel.capabilities;
  const [currency = 'CNY'] = currencies;
  const least = bounds?.min ?? 1;
  const most = bounds?.max ?? Number.MAX_SAFE_INTEGER;
  return { amount: Math.min(Math.max(minorUnits, least), most), currency };
}

export interface OrderOptions {
  readonly scene?: Scene;
  readonly id?: string;
  readonly amount?: Money;
  /** Members that replace or join the usual ones. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** The agreement that is charged where a law is about any; one nobody knows, to be refused, else. */
function agreementFor({ site }: Stage): Ref<'agreement'> {
  const startedAt = instantOf(site.clock.now());
  const nobodys = { merchantId: 'nobody', channelId: '20260000000000000000', startedAt };
  return foundOn(site).agreement ?? { noun: 'agreement', ...nobodys };
}

/** A complete request of `pay` in a scene, as the subject's samples fill it in. */
export function orderFor(stage: Stage, options: OrderOptions = {}): PayRequest {
  const { site, subject } = stage;
  const scene = options.scene ?? sendingScene(stage);
  const id = options.id ?? stage.freshId();
  const extra = subject.samples?.extra?.(site);
  return {
    scene,
    merchantPaymentId: id,
    amount: options.amount ?? amountFor(stage),
    description: 'Polyrail conformance',
    // Repeated, it is the same call: channels may tell payments apart by when they began.
    startedAt: instantOf(site.clock.now()),
    notifyUrl,
    ...(extra === undefined ? {} : { extra }),
    ...(scene === 'agreement' ? { agreement: agreementFor(stage) } : {}),
    ...subject.samples?.scenes?.[scene]?.(site, id),
    ...options.members,
  };
}

/** `pay` with a request that need not be one. */
export const pay = (client: Client, request: unknown, options?: Options): Promise<Payment> =>
  verbOf(client.channel, 'pay')(request as never, options);

export const query = (client: Client, ref: Ref<'payment'>, options?: Options): Promise<Payment> =>
  verbOf(client.channel, 'query')(ref, options);

/** Scenes whose `pay` sends something. */
export const sendingScenes = ({ site }: Stage): readonly Scene[] => foundOn(site).pay;

/** The first scene whose `pay` sends something. */
export function sendingScene(stage: Stage): Scene {
  const [scene] = sendingScenes(stage);
  return scene ?? notApplicable('no scene of pay talks to the channel');
}

/** Opens what a payer's browser would open. */
async function browse(stage: Stage, action: NextAction): Promise<void> {
  const { transport } = stage.site;
  if (action.kind !== 'redirect' && action.kind !== 'form') return;
  const posted = action.kind === 'form';
  const { body } = await transport.exchange({
    method: posted ? 'POST' : 'GET',
    url: action.url,
    headers: posted ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
    ...(posted ? { body: new URLSearchParams(action.fields).toString() } : {}),
  });
  for await (const _chunk of body);
}

/** The payer does what the next action says, without deciding yet. */
export async function follow(stage: Stage, outcome: Outcome<Noun>): Promise<void> {
  if (outcome.status !== 'pending' || outcome.nextAction === undefined) return;
  const { subject, site } = stage;
  const { nextAction, ref } = outcome;
  if (subject.samples?.follow) await subject.samples.follow(site, nextAction, ref.merchantId);
  else await browse(stage, nextAction);
}

/** The payer follows the next action and pays, consents, or lets money be held. */
export async function approve(stage: Stage, outcome: Outcome<Noun>): Promise<void> {
  if (outcome.status !== 'pending') return;
  await follow(stage, outcome);
  await stage.site.payer.approve(outcome.ref.merchantId);
  await stage.settled();
}

export interface Paid {
  readonly id: string;
  readonly request: PayRequest;
  readonly amount: Money;
  /** As `pay` returned it. */
  readonly started: Payment;
  readonly ref: Ref<'payment'>;
}

/** An order nobody has paid yet; not applicable where every scene pays at once. */
export async function openOrder(stage: Stage, options: OrderOptions = {}): Promise<Paid> {
  const scenes = options.scene ? [options.scene] : sendingScenes(stage);
  for (const scene of scenes) {
    const request = orderFor(stage, { ...options, scene });
    const started = await pay(stage.client, request);
    // What waits for the channel alone may be done before anybody looks.
    if (started.status !== 'pending' || started.waitingFor === 'channel') continue;
    await follow(stage, started);
    const { merchantPaymentId: id, amount } = request;
    return { id, request, amount, started, ref: started.ref };
  }
  return notApplicable('every scene that talks to the channel pays at once');
}

/** A payment carried through to its end: ordered, paid by the payer, known to the book. */
export async function paidOrder(stage: Stage, options: OrderOptions = {}): Promise<Paid> {
  const request = orderFor(stage, options);
  const started = await pay(stage.client, request);
  await approve(stage, started);
  const { merchantPaymentId: id, amount } = request;
  const truth = await truthOf(stage, id);
  assert.equal(truth?.paid, amount.amount, `setting the stage: the payer paid ${id}`);
  return { id, request, amount, started, ref: started.ref };
}

/** The book about one payment: zeros for one it never heard of. */
export async function truthOf(stage: Stage, id: string): Promise<Truth> {
  const truth = await stage.site.book(id);
  return truth ?? { state: 'never heard of', debits: 0, paid: 0, refunds: 0, refunded: 0 };
}

/** Whether a fault came to bear; true where the site does not count. */
export function struck(stage: Stage, fault: string): boolean {
  const rules = stage.site.faults.list?.();
  if (rules === undefined) return true;
  return rules.some((rule) => rule.fault === fault && rule.hits > 0);
}

/** Arms a fault, or ends the law where the site does not know it. */
export function arm(stage: Stage, fault: string, details: object = {}): void {
  try {
    stage.site.faults.arm({ fault, ...details });
  } catch (error) {
    notApplicable(`the site knows no fault ${fault} here: ${String(error).slice(0, 120)}`);
  }
}

/**
 * The answer once it can be an end: where the payer may try again until the order expires, nothing
 * before that is one.
 */
export async function askedToEnd<N extends Noun>(
  stage: Stage,
  ask: () => Promise<Outcome<N>>,
): Promise<Attempt<Outcome<N>>> {
  const first = await attempt(ask);
  const { result } = first;
  if (result?.status !== 'pending' || result.expiresAt === undefined) return first;
  const waitMs = Date.parse(result.expiresAt) - stage.site.clock.now();
  if (!(waitMs >= 0)) return first;
  await stage.site.clock.advance(waitMs + 1000);
  return attempt(ask);
}

/** A refund request for part of a payment, under an id of its own. */
export const refundOf = (stage: Stage, paid: Paid, minorUnits: number) => ({
  payment: paid.ref,
  merchantRefundId: stage.freshId(),
  amount: { ...paid.amount, amount: minorUnits },
  startedAt: instantOf(stage.site.clock.now()),
});

export const refund = (client: Client, request: unknown, options?: Options): Promise<Refund> =>
  verbOf(client.channel, 'refund')(request as never, options);

/** The members two tellings of the same fact must agree on. */
export function gist(outcome: Outcome<Noun>): Record<string, unknown> {
  const told = outcome as unknown as Record<string, unknown>;
  const { noun, status, reason, doubt, amount, paidAt, standing } = told;
  const { remaining, captured, released, arrivedAt, returned } = told;
  const { merchantId, channelId } = outcome.ref;
  const envelope = { noun, status, reason, doubt, amount, merchantId, channelId };
  return { ...envelope, paidAt, standing, remaining, captured, released, arrivedAt, returned };
}

export const exponentFor = (money: Money): number => exponentOf(money.currency) ?? 2;

/** Another merchant's channel, where the site has room for one. */
export async function neighbourOf(stage: Stage): Promise<Client> {
  const credentials = await stage.site.enroll?.();
  if (credentials === undefined) return notApplicable('the site has room for one merchant only');
  return stage.connect({ credentials });
}
