/** Mutants for the laws of conformance/src/cases/statement.ts. */
import type { Mutant } from '../mutant.ts';

export const statementMutants: readonly Mutant[] = [];
