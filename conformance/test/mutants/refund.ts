/** Mutants for the laws of conformance/src/cases/refund.ts. */
import type { Mutant } from '../mutant.ts';

export const refundMutants: readonly Mutant[] = [];
