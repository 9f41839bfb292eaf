/** conformance · book: everything the channel's books say about what one call touches. */
import type { Money } from '@polyrail/core';
import { truthOf } from './acts.ts';
import type { Stage } from './stage.ts';
import type { AgreementTruth, AuthorizationTruth, PayoutTruth, Truth } from './subject.ts';

/** What a call is about, by the merchant's ids. */
export interface About {
  readonly payment?: string;
  readonly authorization?: string;
  readonly agreement?: string;
  readonly payout?: string;
}

/** Zeros for a payment that the call is not about; the others only where the site tells of them. */
export interface Picture extends Truth {
  readonly authorization: AuthorizationTruth | undefined;
  readonly agreement: AgreementTruth | undefined;
  readonly payout: PayoutTruth | undefined;
}

/** The books about all that a call is about. */
export async function pictureOf(stage: Stage, about: About): Promise<Picture> {
  const { site } = stage;
  const { payment = '', authorization, agreement, payout } = about;
  return {
    ...(await truthOf(stage, payment)),
    authorization: authorization ? await site.authorization?.(authorization) : undefined,
    agreement: agreement ? await site.agreement?.(agreement) : undefined,
    payout: payout ? await site.payout?.(payout) : undefined,
  };
}

/** How often something happened that must not happen again when a call is repeated. */
export const movesOf = ({ debits, refunds, authorization, agreement, payout }: Picture) => ({
  debits,
  refunds,
  holds: authorization?.holds ?? 0,
  captured: authorization?.captured ?? 0,
  released: authorization?.released ?? 0,
  signed: agreement?.signed ?? 0,
  charges: agreement?.charges ?? 0,
  transfers: payout?.transfers ?? 0,
  paidOut: payout?.paid ?? 0,
});

/** In what the books hold more than there can be; `undefined` when they are sound. */
export function excessOf(picture: Picture): string | undefined {
  const { debits, paid, refunded, authorization, agreement, payout } = picture;
  if (debits > 1) return `${debits} debits`;
  if (refunded > paid) return `${refunded} given back of ${paid}`;
  if (authorization !== undefined) {
    const { holds, held, captured, released } = authorization;
    if (holds > 1) return `${holds} holds`;
    if (captured + released > held) return `${captured} + ${released} taken of ${held} held`;
  }
  if (agreement !== undefined && agreement.signed > 1) return `signed ${agreement.signed} times`;
  if (payout !== undefined && payout.transfers > 1) return `${payout.transfers} payouts`;
  return undefined;
}

const sums: ReadonlySet<string> = new Set(['captured', 'released', 'paidOut']);

/**
 * What happened more than once between two looks: a count beyond one, a sum beyond the amount. A final
 * capture sets free what it leaves over, however much that is.
 */
export function repeated(
  before: Picture,
  after: Picture,
  request: { readonly amount?: Money; readonly final?: boolean },
): string | undefined {
  const amount = request.amount?.amount ?? Number.POSITIVE_INFINITY;
  const [earlier, later] = [movesOf(before), movesOf(after)];
  const names = Object.keys(later) as (keyof typeof later)[];
  const most = (name: string): number => {
    if (name === 'released' && request.final === true) return Number.POSITIVE_INFINITY;
    return sums.has(name) ? amount : 1;
  };
  const often = names.find((name) => later[name] - earlier[name] > most(name));
  return often === undefined ? undefined : `${later[often] - earlier[often]} ${often}`;
}
