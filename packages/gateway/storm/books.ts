/** gateway storm · books: the channels' own ledgers, read in one way. Nothing of the gateway is in here. */
import type { AlipaySite } from '@polyrail/alipay-simulator';
import type { UnionPaySite } from '@polyrail/unionpay-simulator';
import type { WechatPaySite } from '@polyrail/wechatpay-simulator';
import type { ChannelName } from './deeds.ts';

export interface Sites {
  readonly alipay: AlipaySite;
  readonly wechatpay: WechatPaySite;
  /** A house of its own: orders of the two protocols would stand in one book. */
  readonly 'wechatpay-v2': WechatPaySite;
  readonly unionpay: UnionPaySite;
}

/** What happened to money under one order id. Minor units. */
export interface Truth {
  readonly debits: number;
  readonly paid: number;
  readonly refunds: number;
  readonly refunded: number;
  /** In the channel's own words. */
  readonly state: string;
}

/** What became of money under one payout id. Minor units. */
export interface PayoutTruth {
  /** How often its payee was credited. */
  readonly transfers: number;
  readonly paid: number;
  /** Sent back after that. */
  readonly returned: number;
  /** In the channel's own words. */
  readonly state: string;
}

/** What became of money that was held under one id. Minor units. */
export interface HoldTruth {
  /** How often it was held. */
  readonly holds: number;
  readonly held: number;
  readonly captured: number;
  readonly released: number;
  /** In the channel's own words. */
  readonly state: string;
}

/** What became of one agreement. */
export interface ConsentTruth {
  readonly merchantId: string;
  /** By which it is charged: that of a card, not of an agreement, where cards are bound. */
  readonly channelId?: string;
  /** Whether it may be charged now. */
  readonly active: boolean;
  /** How often the payer consented. */
  readonly signed: number;
}

/** Words for an order that may still be paid, or is being worked on. */
const openStates = new Set([
  'UNSCANNED',
  'WAIT_BUYER_PAY',
  'NOTPAY',
  'USERPAYING',
  'ACCEPT',
  'OPEN',
  'ACCEPTED',
]);
export const isOpen = ({ state }: Truth): boolean => openStates.has(state);

export interface OrderBooks {
  /** `undefined` for an order the channel never saw. */
  truth(channel: ChannelName, id: string): Truth | undefined;
  /** Every order there is, by its id. */
  orders(channel: ChannelName): readonly string[];
  /** The sum of every account; 0 in a book that keeps its money. */
  balance(channel: ChannelName): number;
}

export interface Books extends OrderBooks {
  /** `undefined` for a payout the channel never saw. */
  payout(channel: ChannelName, id: string): PayoutTruth | undefined;
  /** Every payout there is, by its id. */
  payouts(channel: ChannelName): readonly string[];
  /** `undefined` for a hold the channel never saw. */
  hold(channel: ChannelName, id: string): HoldTruth | undefined;
  /** Every hold there is, by its id. */
  holds(channel: ChannelName): readonly string[];
  /** `undefined` for an agreement the channel never saw. */
  consent(channel: ChannelName, id: string): ConsentTruth | undefined;
  /** Every agreement there is. */
  consents(channel: ChannelName): readonly ConsentTruth[];
}

interface Whole {
  readonly accounts: readonly { readonly balance: number }[];
  readonly orders: readonly { readonly merchantId: string }[];
  readonly payouts: readonly { readonly merchantId: string }[];
  readonly authorizations?: readonly {
    readonly merchantId: string;
    readonly items?: readonly string[];
  }[];
  readonly agreements: readonly ConsentTruth[];
}

/**
 * WeChat Pay gives the capture of a hold no number: the payment goes by the hold's, and the one item that was
 * charged for is described by the capture's id.
 */
const holdOfCapture = ({ authorizations = [] }: Whole, id: string): string | undefined =>
  authorizations.find(({ items }) => items?.includes(id))?.merchantId;
const captureOfHold = ({ authorizations = [] }: Whole, id: string): string | undefined =>
  authorizations.find(({ merchantId }) => merchantId === id)?.items?.[0];

export function booksOf(sites: Sites): Books {
  const whole = (channel: ChannelName) => sites[channel].book() as Whole;
  const truth = (channel: ChannelName, id: string): Truth | undefined => {
    const found = sites[channel].book(id) as Truth | undefined;
    if (found !== undefined || channel !== 'wechatpay') return found;
    const hold = holdOfCapture(whole(channel), id);
    return hold === undefined ? undefined : (sites[channel].book(hold) as Truth | undefined);
  };
  return {
    truth,
    orders(channel) {
      const book = whole(channel);
      return book.orders.map(({ merchantId }) => captureOfHold(book, merchantId) ?? merchantId);
    },
    payout: (channel, id) => sites[channel].payout(id),
    payouts: (channel) => whole(channel).payouts.map(({ merchantId }) => merchantId),
    hold: (channel, id) => sites[channel].authorization(id),
    holds: (channel) => (whole(channel).authorizations ?? []).map(({ merchantId }) => merchantId),
    consent: (channel, id) => sites[channel].agreement(id),
    consents: (channel) => whole(channel).agreements,
    balance: (channel) => whole(channel).accounts.reduce((sum, { balance }) => sum + balance, 0),
  };
}
