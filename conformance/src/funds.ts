/** conformance · funds: what the merchant's account holds, and by how much it moved. */
import type { Balance } from '@polyrail/core';
import { verbOf } from './acts.ts';
import type { Stage } from './stage.ts';

/** Minor units by currency: all that the channel holds for the merchant, on whichever account. */
export type Funds = Readonly<Record<string, number>>;

function partsOf({ available, pending, frozen }: Balance): readonly (readonly [string, number])[] {
  const parts = [available, pending, frozen].filter((part) => part !== undefined);
  return parts.map(({ currency, amount }) => [currency, amount] as const);
}

export function fundsIn(balances: readonly Balance[]): Funds {
  const sums: Record<string, number> = {};
  for (const [currency, amount] of balances.flatMap(partsOf)) {
    sums[currency] = (sums[currency] ?? 0) + amount;
  }
  return sums;
}

export const balancesOf = ({ client }: Stage): Promise<readonly Balance[]> =>
  verbOf(client.channel, 'balance')();

export const fundsOf = async (stage: Stage): Promise<Funds> => fundsIn(await balancesOf(stage));

/** By how much the account of one currency moved while something was done. */
export async function moved(
  stage: Stage,
  currency: string,
  act: () => Promise<unknown>,
): Promise<number> {
  const before = await fundsOf(stage);
  await act();
  await stage.settled();
  const after = await fundsOf(stage);
  return (after[currency] ?? 0) - (before[currency] ?? 0);
}

/** What left the account while something was done; `undefined` where the channel does not tell. */
export async function spentBy(
  stage: Stage,
  currency: string,
  act: () => Promise<unknown>,
): Promise<number | undefined> {
  if (stage.client.channel.balance !== undefined) return -(await moved(stage, currency, act));
  await act();
  return undefined;
}
