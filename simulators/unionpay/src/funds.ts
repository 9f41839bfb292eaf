/** unionpay simulator · funds: who holds how much, and who of the banks is told of it. */
import {
  type Accounts,
  type Clearing,
  createAccounts,
  type VirtualClock,
} from '@polyrail/simulator';
import { createClearingReporter } from './clearing.ts';

/** No statement here tells a merchant's account line by line. */
export type Funds = Accounts<never>;

interface FundsOptions {
  readonly clock: VirtualClock;
  /** Fen every merchant's account opens with. */
  readonly openingBalance: number;
  /** Told of what crosses between UnionPay and the banks. */
  readonly clearing?: Clearing | undefined;
}

export const merchantAccount = ({ merId }: { readonly merId: string }): string =>
  `merchant:${merId}`;
export const feesAccount = 'fees:unionpay';
/** Where the money of a pre-authorization waits. */
export const holdAccount = (queryId: string): string => `hold:${queryId}`;

export function createFunds({ clock, openingBalance, clearing }: FundsOptions): Funds {
  const reporter = clearing && createClearingReporter(clearing, clock);
  return createAccounts<never>({
    clock,
    currency: 'CNY',
    overdraft: ['payer'],
    kept: 'merchant',
    openingBalance,
    serial: () => '',
    onMove: reporter?.report,
  });
}
