/** Mutants for the laws of conformance/src/cases/seal.ts. */
import type { Mutant } from '../mutant.ts';

export const sealMutants: readonly Mutant[] = [];
