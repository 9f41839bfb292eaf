/** wechatpay simulator · score book: orders of the pay-score, charged when their service is done. */
import type { SeededRandom, VirtualClock } from '@polyrail/simulator';
import type { Merchant, Payer } from './merchants.ts';
import { hex } from './numbers.ts';
import type { Order } from './order.ts';
import { compactDay } from './time.ts';
import type { Voice } from './voice.ts';

/** `CREATED` waits for its user; `DOING` is being served; `DONE` may be charged. */
export type ScoreState = 'CREATED' | 'DOING' | 'DONE' | 'REVOKED' | 'EXPIRED';

export interface ScoreTerms {
  readonly outOrderNo: string;
  readonly appid: string;
  readonly serviceId: string;
  readonly introduction: string;
  readonly risk: { readonly name: string; readonly amount: number };
  /** As they were sent. */
  readonly told: Readonly<Record<string, unknown>>;
  readonly attach?: string | undefined;
  readonly notifyUrl: string;
  readonly openid?: string | undefined;
  readonly needsConfirm: boolean;
}

export interface Score {
  readonly merchant: Merchant;
  readonly terms: ScoreTerms;
  readonly voice: Voice;
  readonly payer: Payer;
  readonly orderId: string;
  readonly packageText: string;
  readonly createdAt: number;
  state: ScoreState;
  /** How often its user consented. */
  confirmed: number;
  /** Fen, once it was completed. */
  total?: number;
  /** What completion said beside the total. */
  bill: Readonly<Record<string, unknown>>;
  /** The payment that collects it. */
  order?: Order;
  cancelReason?: string;
}

/** Pay-score holds no money: what is held is the risk its user agreed to. */
export interface AuthorizationTruth {
  readonly merchantId: string;
  readonly channelId?: string;
  readonly state: ScoreState;
  readonly holds: number;
  readonly held: number;
  readonly captured: number;
  readonly released: number;
  /** Once it was completed: how its items are described, for an order has no other number. */
  readonly items?: readonly string[];
}

/** Descriptions of what was charged for. */
function itemsOf({ bill }: Score): readonly string[] {
  const items = bill['post_payments'];
  const told = Array.isArray(items) ? (items as { readonly description?: unknown }[]) : [];
  return told.flatMap(({ description }) => (typeof description === 'string' ? description : []));
}

export function scoreTruth(score: Score): AuthorizationTruth {
  const { terms, orderId, state, confirmed, order } = score;
  const held = confirmed > 0 ? terms.risk.amount : 0;
  const captured = order?.paidAt === undefined ? 0 : order.terms.total;
  const over = state === 'REVOKED' || (state === 'DONE' && (order === undefined || captured > 0));
  return {
    merchantId: terms.outOrderNo,
    channelId: orderId,
    state,
    holds: confirmed,
    held,
    captured,
    released: over ? Math.max(0, held - captured) : 0,
    ...(state === 'DONE' ? { items: itemsOf(score) } : {}),
  };
}

interface ScoreBookOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly pickPayer: () => Payer;
}

const maximumScores = 100_000;

export function createScoreBook({ clock, random, pickPayer }: ScoreBookOptions) {
  const numbers = random.fork('scores');
  const byNumber = new Map<string, Score>();
  const byPackage = new Map<string, Score>();
  const keyOf = ({ mchid }: Merchant, number: string) => `${mchid} ${number}`;
  return {
    find: (merchant: Merchant, outOrderNo: string) => byNumber.get(keyOf(merchant, outOrderNo)),
    findPackage: (text: string) => byPackage.get(text),
    all: (): readonly Score[] => [...byNumber.values()],
    open(merchant: Merchant, terms: ScoreTerms, voice: Voice): Score {
      if (byNumber.size >= maximumScores) throw new RangeError('The book is full.');
      const createdAt = clock.now();
      const picked = pickPayer();
      const { openid = picked.openid, needsConfirm } = terms;
      const score: Score = {
        merchant,
        terms,
        voice,
        payer: { ...picked, openid },
        orderId: `1${compactDay(createdAt)}${numbers.digits(20)}`,
        packageText: hex(numbers, 32),
        createdAt,
        state: needsConfirm ? 'CREATED' : 'DOING',
        confirmed: needsConfirm ? 0 : 1,
        bill: {},
      };
      byNumber.set(keyOf(merchant, terms.outOrderNo), score);
      byPackage.set(score.packageText, score);
      return score;
    },
    clear() {
      byNumber.clear();
      byPackage.clear();
    },
  };
}

export type ScoreBook = ReturnType<typeof createScoreBook>;
