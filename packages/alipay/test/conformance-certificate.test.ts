/** The laws, held against this adapter on its simulator: gateway.do with certificates. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { alipaySubject } from './subject.ts';

conform({ describe, it }, alipaySubject('certificate'), { print: () => undefined });
