/** alipay simulator · funds: who holds how much, and the merchants' accounts line by line. */
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
  readonly kind: '在线支付' | '交易退款' | '转账';
  /** The channel's number. */
  readonly number: string;
  readonly merchantNumber: string;
  readonly title: string;
  readonly counterpart: string;
  readonly remark?: string | undefined;
}

/** One line of a merchant's account; amounts in fen. */
export type Entry = AccountLine<Business>;
export type Funds = Accounts<Business>;

interface FundsOptions {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Fen every merchant's account opens with. Default 0. */
  readonly openingBalance?: number | undefined;
}

export const merchantAccount = ({ sellerId }: Merchant): string => `merchant:${sellerId}`;
/** Fen that left for a bank and have not arrived. */
export const frozenAccount = ({ sellerId }: Merchant): string => `frozen:${sellerId}`;

export function createFunds({ clock, random, openingBalance }: FundsOptions): Funds {
  const numbers = random.fork('funds');
  return createAccounts({
    clock,
    currency: 'CNY',
    overdraft: ['payer'],
    kept: 'merchant',
    openingBalance,
    serial: (at) => `${compactDay(at)}${numbers.digits(12)}`,
  });
}
