/** gateway · route: which of a merchant's channels take a payment, in which order. */
import { type Channel, type Money, PolyrailError, revealText, type Secret } from '@polyrail/core';
import type { ServiceQuality } from './health.ts';
import type { BeginVerb } from './verbs.ts';

/** What a route is asked. */
export interface RouteQuestion {
  readonly merchant: string;
  readonly verb: BeginVerb;
  readonly request: Readonly<Record<string, unknown>>;
  /** Names of the merchant's channels that offer this verb, scene, currency and amount. */
  readonly channels: readonly string[];
  quality(channel: string): ServiceQuality;
}

/** Every condition that is given must hold. Amounts are minor units, both inclusive. */
export interface RouteRule {
  readonly when?: {
    readonly merchant?: string;
    readonly scene?: string;
    readonly currency?: string;
    readonly atLeast?: number;
    readonly atMost?: number;
    /** First digits of the card, such as `['62']`. */
    readonly cardStartsWith?: readonly string[];
  };
  /** The first takes the payment; each further one stands in while nothing was sent. */
  readonly channels: readonly string[];
}

/** The first rule that holds decides; a function decides by itself. */
export type Route =
  | readonly RouteRule[]
  | ((question: RouteQuestion) => readonly string[] | Promise<readonly string[]>);

const cardOf = (request: RouteQuestion['request']): string => {
  const card = request.card as { readonly number?: Secret } | undefined;
  return card?.number === undefined ? '' : revealText(card.number);
};

function holds({ when = {} }: RouteRule, { merchant, request }: RouteQuestion): boolean {
  const { amount = 0, currency } = (request.amount ?? {}) as Partial<Money>;
  const checks = [
    when.merchant === undefined || when.merchant === merchant,
    when.scene === undefined || when.scene === request.scene,
    when.currency === undefined || when.currency === currency,
    when.atLeast === undefined || amount >= when.atLeast,
    when.atMost === undefined || amount <= when.atMost,
    when.cardStartsWith?.some((digits) => cardOf(request).startsWith(digits)) ?? true,
  ];
  return checks.every(Boolean);
}

/** Whether a channel's capabilities take the request at all. */
export function offers(
  channel: Channel,
  verb: BeginVerb,
  request: RouteQuestion['request'],
): boolean {
  if (channel[verb] === undefined) return false;
  const { scenes, currencies, amount: bounds } = channel.capabilities;
  const offered = scenes?.[verb as 'pay'];
  if (request.scene !== undefined && !offered?.includes(request.scene as never)) return false;
  const money = request.amount as Money | undefined;
  if (money === undefined) return true;
  if (!currencies.includes(money.currency)) return false;
  return bounds === undefined || (money.amount >= bounds.min && money.amount <= bounds.max);
}

const unsupported = ({ merchant, verb, request }: RouteQuestion): PolyrailError => {
  const scene = request.scene === undefined ? '' : ` in scene ${String(request.scene)}`;
  const message = `No channel of merchant ${merchant} takes ${verb}${scene} with this amount`;
  return new PolyrailError('UNSUPPORTED', message, { verb });
};

/** The channels to try, best first. Without a route: all that can, as the merchant lists them. */
export async function routeOf(
  route: Route | undefined,
  question: RouteQuestion,
): Promise<readonly string[]> {
  if (question.channels.length === 0) throw unsupported(question);
  if (route === undefined) return question.channels;
  const wanted =
    typeof route === 'function'
      ? await route(question)
      : (route.find((rule) => holds(rule, question))?.channels ?? []);
  const found = wanted.filter((name) => question.channels.includes(name));
  if (found.length === 0) throw unsupported(question);
  return [...new Set(found)];
}
