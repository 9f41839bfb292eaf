/** conformance · money: laws about it. */
import type { Law } from '../law.ts';

export const moneyLaws: readonly Law[] = [];
