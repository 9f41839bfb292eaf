/** The laws, held against this adapter on its simulator: verified by platform certificates. */
import { conform } from '@polyrail/conformance';
import { describe, it } from 'vitest';
import { wechatPaySubject } from './subject.ts';

conform({ describe, it }, wechatPaySubject('certificate'), { print: () => undefined });
