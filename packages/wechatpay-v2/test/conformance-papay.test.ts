/** The laws, held against this adapter on its simulator: with agreements. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { wechatPayV2Subject } from './subject.ts';

conform({ describe, it }, wechatPayV2Subject('papay'), { print: () => undefined });
