/** unionpay simulator · concern: whatever waits for a person to decide, as payer and page see it. */
import { type Concern as Deed, stuck } from '@polyrail/simulator';
import { openCard, requireBindable } from './agreement.ts';
import type { Agreement } from './agreement-book.ts';
import { agreementTruth } from './agreement-book.ts';
import { bankOf, type Card, findCard, testCards } from './cards.ts';
import { isRefusal, outcome } from './codes.ts';
import type { Fields } from './form.ts';
import type { Merchant } from './merchants.ts';
import { entryReturn, failureText, openingReturn } from './news.ts';
import type { Room } from './room.ts';
import {
  authorizationTruth,
  hasSucceeded,
  isLive,
  isOpen,
  payoutTruth,
  type Transaction,
  truthOf,
} from './transaction.ts';

/** As the payer's thumb sees it, with what its page shows. */
export interface Concern extends Deed {
  readonly merchant: Merchant;
  readonly txnTime: string;
  readonly title: string;
  /** The card that is named already. */
  readonly card: Card | undefined;
  /** Of a decided one: how it ended. */
  verdict(): string;
  /** Pays or opens with another card than the first one. */
  choose(card: Card): void;
  /** What the browser posts to the merchant's page once all went well. */
  back(): Promise<{ readonly url: string; readonly fields: Fields } | undefined>;
}

const usualCard = testCards[0] as Card;

const nounOf = ({ terms }: Transaction): Concern['noun'] => {
  if (terms.kind === 'preauth') return 'authorization';
  return terms.kind === 'payout' ? 'payout' : 'order';
};

function truthOfEntry(entry: Transaction, { book }: Room): object {
  if (entry.terms.kind === 'preauth') return authorizationTruth(entry);
  if (entry.terms.kind === 'payout') return payoutTruth(entry);
  const all = book.findAll(entry.merchant, entry.terms.orderId);
  return truthOf([entry, ...all.filter((one) => one !== entry)]);
}

export function entryConcern(entry: Transaction, room: Room): Concern {
  const { book } = room;
  const { terms, merchant } = entry;
  let chosen = entry.card;
  const concern: Concern = {
    noun: nounOf(entry),
    merchant,
    id: terms.orderId,
    txnTime: terms.txnTime,
    title: terms.orderDesc ?? terms.orderId,
    ticket: entry.ticket,
    amount: terms.amount,
    card: entry.card,
    state: () => entry.state,
    isOpen: () => isOpen(entry),
    isAgreed: () => hasSucceeded(entry),
    choose(card) {
      chosen = entry.card ?? card;
    },
    approve() {
      if (!isLive(entry)) throw stuck(concern, 'paid');
      book.pay(entry, chosen ?? usualCard);
    },
    decline() {
      if (!isLive(entry)) throw stuck(concern, 'declined');
      // Quirk: of a payout 60 decides nothing.
      const late = terms.kind === 'payout' ? '63' : '60';
      book.fail(entry, outcome(isOpen(entry) ? '30' : late));
    },
    verdict: () => (hasSucceeded(entry) ? '支付成功 Paid' : failureText(entry)),
    async back() {
      const { frontUrl = '' } = terms;
      if (frontUrl === '' || !hasSucceeded(entry)) return undefined;
      return { url: frontUrl, fields: await entryReturn(entry, room) };
    },
    truth: () => truthOfEntry(entry, room),
  };
  return concern;
}

/** Opens the card, or fails as its bank would have it. */
function open(agreement: Agreement, card: Card, room: Room): void {
  try {
    requireBindable(agreement, card, room);
    openCard(agreement, card, room);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    room.agreements.fail(agreement, error.outcome);
  }
}

/** In which state what cannot be charged is. */
const closedWord = ({ state }: Agreement): string => (state === 'active' ? 'ended' : state);

/** Whether its payer can take back what stands. */
export const canEnd = ({ noun, isAgreed }: Pick<Concern, 'noun' | 'isAgreed'>): boolean =>
  noun === 'agreement' && isAgreed();

export function agreementConcern(agreement: Agreement, room: Room): Concern {
  const { merchant, orderId, txnTime } = agreement;
  const { agreements, world } = room;
  const isActive = () => agreementTruth(agreement, world.clock.now()).active;
  const isMandate = agreement.bindId !== undefined;
  let chosen = agreement.card;
  const concern: Concern = {
    noun: 'agreement',
    merchant,
    id: orderId,
    txnTime,
    title: isMandate ? 'Lets this merchant collect from a card' : 'Opens a card for this merchant',
    ticket: agreement.ticket,
    card: agreement.card,
    state: () => agreement.state,
    isOpen: () => agreement.state === 'open',
    isAgreed: isActive,
    choose(card) {
      chosen = agreement.card ?? card;
    },
    approve() {
      const card = chosen ?? usualCard;
      if (agreement.state === 'opening') agreements.activate(agreement, agreement.card ?? card);
      else if (agreement.state === 'open') open(agreement, card, room);
      else throw stuck(concern, 'signed');
    },
    decline() {
      if (isActive() && agreement.binding !== undefined) agreements.end(agreement.binding);
      else if (agreement.state === 'open' || agreement.state === 'opening') {
        agreements.fail(agreement, outcome('30'));
      } else throw stuck(concern, 'declined');
    },
    verdict: () =>
      agreement.state === 'failed'
        ? (agreement.outcome?.respMsg ?? '')
        : `${isMandate ? '委托' : '开通'} ${isActive() ? 'active' : closedWord(agreement)}`,
    async back() {
      const { frontUrl = '' } = agreement;
      if (frontUrl === '' || !isActive()) return undefined;
      return { url: frontUrl, fields: await openingReturn(agreement, room) };
    },
    truth: () => agreementTruth(agreement, world.clock.now()),
  };
  return concern;
}

/** The card that a person or a steering program means: its number, or a bank's name. */
export const meantCard = (text: string): Card | undefined =>
  findCard(text) ?? testCards.find(({ bank }) => bank === text);

/** For people: whose it is, without its number. */
export const cardLabel = (card: Card): string =>
  `${bankOf(card).name} · ${card.kind} · ${card.number.slice(-4)}`;
