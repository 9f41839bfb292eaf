/** The laws, held against this adapter on its simulator: sealed by the merchant's certificate. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { unionPaySubject } from './subject.ts';

conform({ describe, it }, unionPaySubject('rsa'), { print: () => undefined });
