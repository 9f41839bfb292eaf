/** unionpay simulator · voice: how a merchant is spoken to - as it spoke when it began something. */
import { type Charset, charsetOf } from './charset.ts';
import type { Fields } from './form.ts';
import { isSignMethod, type SignMethod } from './seal.ts';

export interface Voice {
  readonly version: string;
  /** As the merchant wrote it: an answer repeats the letter case. */
  readonly encoding: string;
  readonly charset: Charset;
  readonly signMethod: SignMethod;
  readonly accessType: string;
}

/** Of a request, however little of it can be believed. */
export function voiceOf(fields: Fields): Voice {
  const { version = '', encoding = 'UTF-8', signMethod = '', accessType = '0' } = fields;
  return {
    version: /^(5\.0\.[01]|1\.0\.0)$/.test(version) ? version : '5.1.0',
    encoding,
    charset: charsetOf(encoding) ?? 'utf-8',
    signMethod: isSignMethod(signMethod) ? signMethod : '01',
    accessType,
  };
}
