/** Mutants for the laws of conformance/src/cases/shape.ts. */
import type { Mutant } from '../mutant.ts';

export const shapeMutants: readonly Mutant[] = [];
