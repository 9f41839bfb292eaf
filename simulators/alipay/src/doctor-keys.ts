/** alipay simulator · doctor-keys: keys that are shown to the doctor, RSA and SM2. */
import { parseSm2PublicKey } from '@polyrail/kit/sm2';
import { type PastedKey, readPastedKey as read } from '@polyrail/simulator/doctor';

/** What kind of public key a text is, however it is written. */
export const readPastedKey = (pasted: string): PastedKey => read(pasted, parseSm2PublicKey);
