/** The laws, held against this adapter on its simulator: with agreements. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { wechatPaySubject } from './subject.ts';

conform({ describe, it }, wechatPaySubject('papay'), { print: () => undefined });
