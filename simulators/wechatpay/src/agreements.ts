/** wechatpay simulator · agreements: the rules of contracts and deductions both protocols share. */

import { type Exchange, stuck } from '@polyrail/simulator';
import { type Agreement, type AgreementTerms, agreementTruth } from './agreement-book.ts';
import type { Concern } from './concern.ts';
import type { Merchant } from './merchants.ts';
import type { Order, Terms } from './order.ts';
import { requireFresh, sameTerms } from './orders.ts';
import { refuse } from './refusals.ts';
import type { Room } from './room.ts';
import type { Voice } from './voice.ts';

const termNames: readonly (keyof AgreementTerms)[] = [
  ...(['planId', 'appid', 'displayAccount', 'notifyUrl', 'openid', 'userCode'] as const),
];

export interface Signing {
  readonly merchant: Merchant;
  readonly terms: AgreementTerms;
  readonly voice: Voice;
}

/** A contract to be signed, or the same one again. */
export function placeAgreement({ merchant, terms, voice }: Signing, room: Room): Agreement {
  const { agreements } = room;
  const known = agreements.find(merchant, terms.contractCode);
  if (known === undefined) return agreements.open(merchant, terms, voice);
  const same = termNames.every((name) => known.terms[name] === terms[name]);
  if (!same || known.state !== 'SIGNING') throw refuse('contract-used');
  return known;
}

export function requireSigned(agreement: Agreement | undefined): Agreement {
  if (agreement === undefined) throw refuse('contract-missing');
  if (agreement.state !== 'SIGNED') throw refuse('contract-state');
  return agreement;
}

export interface Deducting {
  readonly agreement: Agreement;
  readonly terms: Terms;
  readonly voice: Voice;
}

/** Accepts a deduction; it is carried out a little later, once per number. */
export function deduct(
  { agreement, terms, voice }: Deducting,
  at: { exchange: Exchange; room: Room },
): Order {
  const { exchange, room } = at;
  const { book, world, options } = room;
  const { merchant, payer } = agreement;
  const known = book.find(merchant, terms.outTradeNo);
  if (known !== undefined && known.state !== 'PAY_FAIL') {
    requireFresh(known);
    if (!sameTerms(known.terms, terms)) throw refuse('number-used');
    return known;
  }
  const fails = exchange.fault('deduction-fails-late') !== undefined;
  const order = book.open(merchant, terms, { voice, payer, state: 'ACCEPT' });
  order.cancelTimer?.();
  const carryOut = () => {
    if (fails || agreement.state !== 'SIGNED') book.end(order, 'PAY_FAIL');
    else book.pay(order);
  };
  const { deductionMs = 2_000 } = options;
  if (deductionMs === 0) carryOut();
  else order.cancelTimer = world.clock.schedule(deductionMs, carryOut);
  return order;
}

export function agreementConcern(agreement: Agreement, { agreements }: Room): Concern {
  const concern: Concern = {
    noun: 'agreement',
    merchant: agreement.merchant,
    id: agreement.terms.contractCode,
    title: agreement.terms.displayAccount,
    ticket: agreement.ticket,
    state: () => agreement.state,
    isOpen: () => agreement.state === 'SIGNING',
    isAgreed: () => agreement.state === 'SIGNED',
    approve() {
      if (agreement.state !== 'SIGNING') throw stuck(concern, 'signed');
      agreements.sign(agreement);
    },
    decline() {
      if (agreement.state === 'SIGNED') agreements.end(agreement, 'USER', '用户解约');
      else if (agreement.state === 'SIGNING') agreements.refuse(agreement);
      else throw stuck(concern, 'declined');
    },
    truth: () => agreementTruth(agreement),
  };
  return concern;
}
