/** Mutants for the laws of conformance/src/cases/money.ts. */
import type { Mutant } from '../mutant.ts';

export const moneyMutants: readonly Mutant[] = [];
