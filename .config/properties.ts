/**
 * Workspace · properties: one seed for every property test, so that a run is the same everywhere.
 * `POLYRAIL_SEED=7 npm test` looks at other inputs; a failing property prints the seed it ran with.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.POLYRAIL_SEED ?? 20_260_101) });
