/** unionpay simulator · sm2 cipher: ciphertexts as messages carry them - C1, C3, C2 bare. */
import { decryptSm2, encryptSm2, type Sm2PrivateKey, type Sm2PublicKey } from '@polyrail/kit/sm2';
import { der, derSignature, element, number } from './sm2-form.ts';

const pointLength = 65;
const headLength = pointLength + 32;

/** From `04‖x‖y‖C3‖C2`; `undefined` for what is too short, or belongs to another key. */
export function sm2Reveal(key: Sm2PrivateKey, bytes: Uint8Array): Buffer | undefined {
  const numbers = derSignature(bytes.subarray(1, pointLength));
  if (numbers === undefined || bytes[0] !== 4 || bytes.length <= headLength) return undefined;
  const hash = der(0x04, bytes.subarray(pointLength, headLength));
  const rest = der(0x04, bytes.subarray(headLength));
  // The two numbers of a point are written as those of a signature.
  const content = Buffer.concat([numbers.subarray(2), hash, rest]);
  try {
    return Buffer.from(decryptSm2(key, der(0x30, content)));
  } catch {
    return undefined;
  }
}

/** Short texts only: a card number, a phone number. */
export function sm2Hide(key: Sm2PublicKey, plain: string): Buffer {
  const whole = Buffer.from(encryptSm2(key, plain));
  const start = (whole[1] ?? 0) < 0x80 ? 2 : 2 + ((whole[1] ?? 0) & 0x7f);
  const content = whole.subarray(start);
  const x = element(content, 0x02, 0);
  const y = x && element(content, 0x02, x.end);
  const hash = y && element(content, 0x04, y.end);
  const text = hash && element(content, 0x04, hash.end);
  if (!x || !y || !hash || !text) throw new RangeError('plain: a short text');
  const parts = [Buffer.of(4), number(x.content), number(y.content), hash.content, text.content];
  return Buffer.concat(parts);
}
