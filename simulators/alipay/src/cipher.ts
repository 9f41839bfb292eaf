/** alipay simulator · cipher: AES content encryption - Base64 text, an IV of zeros. */
import { decryptAes, encryptAes } from '@polyrail/kit/aes';
import { type Charset, decodeText, encodeText } from '@polyrail/simulator';

const iv = new Uint8Array(16);
const secretsOf = (key: string) => ({ key: Buffer.from(key, 'base64'), iv });

/** `key` is Base64, as the console hands it out. */
export const encryptText = (key: string, text: string, charset: Charset): string =>
  Buffer.from(encryptAes(secretsOf(key), encodeText(text, charset))).toString('base64');

/** `undefined` for what another key made, or nobody. */
export function decryptText(key: string, text: string, charset: Charset): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  try {
    return decodeText(decryptAes(secretsOf(key), Buffer.from(text, 'base64')), charset);
  } catch {
    return undefined;
  }
}
