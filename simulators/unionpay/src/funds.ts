/** unionpay simulator · funds: who holds how much. */
import {
  type Clearing,
  createLedger,
  type Ledger,
  type Movement,
  type VirtualClock,
} from '@polyrail/simulator';
import { createClearingReporter } from './clearing.ts';

export interface Funds {
  readonly ledger: Ledger;
  /** @throws RangeError when an account without overdraft would fall below zero. */
  move(move: {
    readonly from: string;
    readonly to: string;
    /** Fen. */
    readonly amount: number;
    readonly memo: string;
  }): Movement;
  /** Fen; a merchant's account opens when it is first looked at. */
  balance(account: string): number;
  clear(): void;
}

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
  const overdraft = ['payer', 'outside'];
  let ledger = createLedger({ overdraft });
  let opened = new Set<string>();
  const post = (from: string, to: string, about: { amount: number; memo: string }): Movement => {
    const { amount, memo } = about;
    const lines = [
      { account: from, amount: -amount, currency: 'CNY' },
      { account: to, amount, currency: 'CNY' },
    ];
    return ledger.post(lines, { memo, at: clock.now() });
  };
  const open = (account: string): void => {
    if (!account.startsWith('merchant:') || opened.has(account)) return;
    opened.add(account);
    const about = { amount: openingBalance, memo: `opening ${account}` };
    if (openingBalance > 0) post('outside:opening', account, about);
  };
  return {
    get ledger() {
      return ledger;
    },
    move({ from, to, amount, memo }) {
      open(from);
      open(to);
      const movement = post(from, to, { amount, memo });
      reporter?.report(movement);
      return movement;
    },
    balance(account) {
      open(account);
      return ledger.balance(account);
    },
    clear() {
      ledger = createLedger({ overdraft });
      opened = new Set();
    },
  };
}
