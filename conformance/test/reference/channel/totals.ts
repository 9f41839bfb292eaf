/** reference channel · totals: what a statement's last line says, and whether its lines agree. */

/** Number of lines, and minor units in and out by currency. */
export interface Totals {
  readonly count: number;
  readonly sums: Readonly<Record<string, { readonly in: number; readonly out: number }>>;
}

export function linesAddUp(told: Totals, seen: Totals): boolean {
  const currencies = new Set([...Object.keys(told.sums), ...Object.keys(seen.sums)]);
  const agrees = (currency: string): boolean => {
    const [left, right] = [told.sums[currency], seen.sums[currency]];
    return left?.in === right?.in && left?.out === right?.out;
  };
  return told.count === seen.count && [...currencies].every(agrees);
}
