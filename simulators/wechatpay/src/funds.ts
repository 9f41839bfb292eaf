/** wechatpay simulator · funds: who holds how much, and the merchants' accounts line by line. */
import {
  type AccountLine,
  type Accounts,
  type Clearing,
  createAccounts,
  createBankFinder,
  createReporter,
  type Reporter,
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
  /** Told of what crosses between WeChat Pay and the banks. */
  readonly clearing?: Clearing | undefined;
}

export const merchantAccount = ({ mchid }: Merchant): string => `merchant:${mchid}`;
/** Fen that left and have not arrived. */
export const underWayAccount = ({ mchid }: Merchant): string => `under-way:${mchid}`;
export const purseOf = (openid: string): string => `payer:${openid}`;

/** Payers bring their money from a bank, and are paid there. */
function reporterTo(clearing: Clearing, clock: VirtualClock): Reporter {
  const bankOf = createBankFinder(clearing);
  const participant = { name: 'wechatpay', kind: 'payer' } as const;
  const keeperOf = (account: string) =>
    account.startsWith('payer:') ? bankOf(account) : undefined;
  return createReporter({ clock, clearing, participant, keeperOf });
}

export function createFunds(options: FundsOptions): Funds {
  const { clock, random, openingBalance, clearing } = options;
  const numbers = random.fork('funds');
  const reporter = clearing && reporterTo(clearing, clock);
  return createAccounts({
    clock,
    currency: 'CNY',
    overdraft: ['payer'],
    kept: 'merchant',
    openingBalance,
    serial: (at) => `42${numbers.digits(8)}${compactDay(at)}${numbers.digits(10)}`,
    onMove: reporter?.report,
  });
}
