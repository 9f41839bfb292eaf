/** unionpay simulator · clearing: what crosses between UnionPay and the banks of its cards. */
import {
  type Clearing,
  createReporter,
  type Reporter,
  type VirtualClock,
} from '@polyrail/simulator';
import { type BankName, banks } from './cards.ts';

/** A bank's name among the participants: its debit and its credit cards are of one bank. */
const participantOf = (bank: BankName): string =>
  banks[bank].name.replace(/,.*/s, '').toLowerCase().replaceAll(' ', '-');

const isBank = (text: string): text is BankName => Object.hasOwn(banks, text);

/** The bank that keeps a card's account; accounts of firms are at the ordinary one. */
function keeperOf(account: string): string | undefined {
  const [, holder = ''] = /^(?:payer|payee):(.*)$/s.exec(account) ?? [];
  if (holder === '') return undefined;
  const bank = holder.replace(/-[^-]*$/s, '');
  return participantOf(isBank(bank) ? bank : 'ordinary');
}

/** UnionPay joins, and so do the banks that have not. */
export function createClearingReporter(clearing: Clearing, clock: VirtualClock): Reporter {
  const names = new Set(Object.keys(banks).filter(isBank).map(participantOf));
  for (const name of names) {
    if (!clearing.banks().includes(name)) clearing.join({ name, kind: 'bank' });
  }
  const participant = { name: 'unionpay', kind: 'payer' } as const;
  return createReporter({ clock, clearing, participant, keeperOf });
}
