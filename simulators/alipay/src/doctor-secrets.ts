/** alipay simulator · doctor-secrets: what neither journal nor doctor shows. */
import { secretFinder } from '@polyrail/simulator/doctor';

/** Beside the names every journal masks: payment codes, and whose account a transfer goes to. */
export const secretFields: readonly string[] = ['auth_code', 'name'];

/** The secret values among named ones, also inside JSON. */
export const secretsIn = secretFinder(secretFields);
