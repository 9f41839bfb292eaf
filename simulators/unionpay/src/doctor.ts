/** unionpay simulator · doctor: why a signature does not verify, in the words of whoever sent it. */
import { bytesOf, type Charset } from './charset.ts';
import type { Fields } from './form.ts';
import { hexDigest, type MerchantKeys, signText } from './seal.ts';

/** For the journal. */
export function explainRequest(fields: Fields, charset: Charset, _keys: MerchantKeys): string {
  const text = signText(fields);
  const hash = fields['version'] === '5.1.0' ? 'sha256' : 'sha1';
  return `Expected a signature over the hex digest ${hexDigest(hash, bytesOf(text, charset))}.`;
}
