/** alipay simulator · funds: who holds how much, and the merchants' accounts line by line. */
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
  /** Told of what crosses between Alipay and the banks. */
  readonly clearing?: Clearing | undefined;
}

export const merchantAccount = ({ sellerId }: Merchant): string => `merchant:${sellerId}`;
/** Fen that left for a bank and have not arrived. */
export const frozenAccount = ({ sellerId }: Merchant): string => `frozen:${sellerId}`;

/** Payers bring their money from a bank; a payout to a bank card goes to one. */
const atBank = /^payer:|^payee:BANKCARD_ACCOUNT /;

function reporterTo(clearing: Clearing, clock: VirtualClock): Reporter {
  const bankOf = createBankFinder(clearing);
  const participant = { name: 'alipay', kind: 'payer' } as const;
  const keeperOf = (account: string) => (atBank.test(account) ? bankOf(account) : undefined);
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
    serial: (at) => `${compactDay(at)}${numbers.digits(12)}`,
    onMove: reporter?.report,
  });
}
