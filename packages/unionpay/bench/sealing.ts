/** bench · sealing: messages of ACP 5.1.0 under method 01, as UnionPay writes them, in a few lines. */
import { createHash, type KeyObject, sign } from 'node:crypto';
import { given } from '@polyrail/contest';

export type Fields = Readonly<Record<string, string>>;

const textOf = (fields: Fields, names: readonly string[]): string =>
  names.map((name) => `${name}=${fields[name]}`).join('&');

/** The digest that is signed is the text of another one. */
export const digestOf = (text: string | Uint8Array): Buffer =>
  Buffer.from(createHash('sha256').update(text).digest('hex'));

/** Fields sorted, the certificate and the signature behind them; values raw. */
export function sealedReply(fields: Fields, key: KeyObject): Buffer {
  const signPubKeyCert = given('BENCH_PLATFORM').trimEnd().replaceAll('\n', '\r\n');
  const whole: Fields = { ...fields, signPubKeyCert };
  const text = textOf(whole, Object.keys(whole).sort());
  const signature = sign('sha256', digestOf(text), key).toString('base64');
  const shown = textOf(fields, Object.keys(fields).sort());
  return Buffer.from(`${shown}&signPubKeyCert=${signPubKeyCert}&signature=${signature}`);
}
