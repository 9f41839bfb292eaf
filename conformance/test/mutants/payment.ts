/** Mutants for the laws of conformance/src/cases/payment.ts. */
import type { Mutant } from '../mutant.ts';

export const paymentMutants: readonly Mutant[] = [];
