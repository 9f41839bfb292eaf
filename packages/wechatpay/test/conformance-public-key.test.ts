/** The laws, held against this adapter on its simulator: verified by WeChat Pay's public key. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { wechatPaySubject } from './subject.ts';

conform({ describe, it }, wechatPaySubject('public-key'), { print: () => undefined });
