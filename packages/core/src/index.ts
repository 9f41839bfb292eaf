/** @polyrail/core: the contract. */
export * from './context.ts';
export * from './errors.ts';
export * from './reason.ts';
export * from './secret.ts';
