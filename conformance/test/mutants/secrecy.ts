/** Mutants for the laws of conformance/src/cases/secrecy.ts. */
import type { Mutant } from '../mutant.ts';

export const secrecyMutants: readonly Mutant[] = [];
