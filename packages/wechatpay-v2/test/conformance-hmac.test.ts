/** The laws, held against this adapter on its simulator: sealed by HMAC-SHA256. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { wechatPayV2Subject } from './subject.ts';

conform({ describe, it }, wechatPayV2Subject('HMAC-SHA256'), { print: () => undefined });
