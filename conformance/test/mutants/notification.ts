/** Mutants for the laws of conformance/src/cases/notification.ts. */
import type { Mutant } from '../mutant.ts';

export const notificationMutants: readonly Mutant[] = [];
