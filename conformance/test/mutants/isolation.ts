/** Mutants for the laws of conformance/src/cases/isolation.ts. */
import type { Mutant } from '../mutant.ts';

export const isolationMutants: readonly Mutant[] = [];
