/** alipay simulator · doctor-v3-request: why the signature of a V3 request does not verify. */

import type { Explanation, Found } from '@polyrail/simulator/doctor';
import { decryptText } from './cipher.ts';
import { explainLines, type LinesQuestion, lineNames } from './doctor-v3.ts';
import { requestHolders } from './doctor-witness.ts';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { verifies } from './seal.ts';
import { type V3Signed, v3SignedBytes } from './v3-request.ts';

const utf8 = (latin: string): string => Buffer.from(latin, 'latin1').toString('utf8');

/** Mistakes that a header shows, whatever was signed. */
function headerFound({ authorization }: V3Signed): readonly Found[] {
  const { timestamp = '' } = authorization.fields;
  if (!/^\d{10}$/.test(timestamp)) return [];
  return [
    {
      cause: 'timestamp-unit',
      rule: 'The timestamp was sent in seconds',
      advice: 'timestamp counts milliseconds: 13 digits.',
    },
  ];
}

type Options = Partial<Pick<LinesQuestion, 'belief' | 'known' | 'holders' | 'causes'>>;

/** Why the signature of a V3 request does not verify, or that it does. */
export function explainV3Signature(
  signed: V3Signed,
  { room, merchant }: { readonly room: Room; readonly merchant: Merchant },
  options: Options = {},
): Explanation {
  const { authorization, verb, target, body, appAuthToken } = signed;
  const how = { signType: 'RSA2', key: merchant.publicKey } as const;
  const token = merchant.actsFor?.token;
  return explainLines({
    kind: 'request',
    lines: [
      { parameter: lineNames.authorization, text: utf8(authorization.text) },
      { parameter: lineNames.method, text: verb },
      { parameter: lineNames.target, text: utf8(target) },
      { parameter: lineNames.body, text: Buffer.from(body).toString('utf8') },
      ...(appAuthToken === undefined ? [] : [{ parameter: lineNames.token, text: appAuthToken }]),
    ],
    context: {
      origins: [room.world.baseUrl()],
      scheme: authorization.scheme,
      ...(token === undefined ? {} : { token }),
      decrypt: (text) => decryptText(merchant.encryptKey, text, 'utf-8'),
    },
    signature: authorization.sign,
    proven: verifies(how, v3SignedBytes(signed), authorization.sign),
    ...options,
    known: [...headerFound(signed), ...(options.known ?? [])],
    holders: [...requestHolders(room, merchant), ...(options.holders ?? [])],
  });
}
