/** wechatpay simulator · funds: who holds how much, and the merchants' accounts line by line. */
import {
  type AccountLine,
  type Accounts,
  createAccounts,
  type SeededRandom,
  type VirtualClock,
} from '@polyrail/simulator';
import type { Merchant } from './merchants.ts';
import { compactDay } from './time.ts';

/** What a movement on a merchant's account was for, in the words of its statement. */
export interface Business {
  readonly kind: '交易' | '退款' | '转账' | '转账退回' | '退款退回';
  /** The channel's number of the deed: transaction, refund, transfer. */
  readonly number: string;
  /** The merchant's. */
  readonly merchantNumber: string;
  readonly remark?: string;
}

/** One line of a merchant's account; amounts in fen. */
export type Entry = AccountLine<Business>;
export type Funds = Accounts<Business>;

interface FundsOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Fen every merchant's account opens with. */
  readonly openingBalance: number;
}

export const merchantAccount = ({ mchid }: Merchant): string => `merchant:${mchid}`;
/** Fen that left and have not arrived. */
export const underWayAccount = ({ mchid }: Merchant): string => `under-way:${mchid}`;
export const purseOf = (openid: string): string => `payer:${openid}`;

export function createFunds({ clock, random, openingBalance }: FundsOptions): Funds {
  const numbers = random.fork('funds');
  return createAccounts({
    clock,
    currency: 'CNY',
    overdraft: ['payer'],
    kept: 'merchant',
    openingBalance,
    serial: (at) => `42${numbers.digits(8)}${compactDay(at)}${numbers.digits(10)}`,
  });
}
