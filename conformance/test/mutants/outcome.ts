/** Mutants for the laws of conformance/src/cases/outcome.ts. */
import type { Mutant } from '../mutant.ts';

export const outcomeMutants: readonly Mutant[] = [];
