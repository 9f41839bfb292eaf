/** The laws, held against this adapter on its simulator, in both modes. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { alipaySubject } from './subject.ts';

for (const mode of ['key', 'certificate'] as const) {
  conform({ describe, it }, alipaySubject(mode), { print: () => undefined });
}
