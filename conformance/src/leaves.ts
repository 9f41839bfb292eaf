/** conformance · leaves: every text inside a value, secrets opened. */
import { isSecret, revealText } from '@polyrail/core';

/** The texts of plain data, and the content of its `Secret`s. Numbers are written out. */
export function leaves(value: unknown): readonly string[] {
  if (isSecret(value)) return [revealText(value)];
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(leaves);
}
