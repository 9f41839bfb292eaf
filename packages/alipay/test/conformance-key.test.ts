/** The laws, held against this adapter on its simulator: gateway.do with public keys. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { alipaySubject } from './subject.ts';

conform({ describe, it }, alipaySubject('key'), { print: () => undefined });
