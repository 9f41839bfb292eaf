/** unionpay simulator · sm2 file: a merchant's SM2 key with its certificate, as CFCA packs them. */
import { createCipheriv, createHash } from 'node:crypto';
import { der } from './sm2-form.ts';

const [integer, octets, sequence] = [0x02, 0x04, 0x30];
/** As they stand in such files: the content's kind (1.2.156.10197.6.1.4.2.1), and SM4. */
const kind = Buffer.from('060a2a811ccf550601040201', 'hex');
const sm4 = Buffer.from('06072a811ccf550168', 'hex');

export interface Sm2FileParts {
  /** The 32 bytes of the key. */
  readonly scalar: Uint8Array;
  readonly certificateDer: Uint8Array;
  readonly password: string;
}

/**
 * Base64 of a `.sm2` file (dossier §14.2). Vector and key of its cipher, SM4 in CBC, are one block
 * of SM3 over the password.
 */
export function writeSm2File({ scalar, certificateDer, password }: Sm2FileParts): string {
  const derived = createHash('sm3')
    .update(password)
    .update(Buffer.of(0, 0, 0, 1))
    .digest();
  const cipher = createCipheriv('sm4-cbc', derived.subarray(16), derived.subarray(0, 16));
  const hidden = Buffer.concat([cipher.update(scalar), cipher.final()]);
  return der(
    sequence,
    der(integer, Buffer.of(1)),
    der(sequence, kind, sm4, der(octets, hidden)),
    der(sequence, kind, der(octets, certificateDer)),
  ).toString('base64');
}
