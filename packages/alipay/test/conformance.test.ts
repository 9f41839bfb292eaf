/** The laws, held against this adapter on its simulator, in every mode. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { alipaySubject } from './subject.ts';

for (const mode of ['key', 'certificate', 'v3'] as const) {
  conform({ describe, it }, alipaySubject(mode), { print: () => undefined });
}
