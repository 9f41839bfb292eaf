/** alipay simulator · doctor patient: one request of a shop, and the doctor asked about it. */
import type { Explanation } from '@polyrail/simulator/doctor';
import { formCauses } from '../src/doctor-causes.ts';
import { explainRequest, replayed } from '../src/doctor-request.ts';
import { envelopeOf, formPairs, formText } from '../src/envelope.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import type { Fields } from './client.ts';
import { rsaSign, sorted } from './doctor-client.ts';

export const content = {
  out_trade_no: 'order_1',
  total_amount: '9.00',
  subject: 'Tea & "cake" <2> 茶',
  body: "it's a/b + c",
};

export interface Sent {
  readonly fields: Fields;
  readonly sign: string;
}

export interface Patient {
  merchant(): Merchant;
  /** Of the merchant, PKCS#8. */
  key(): string;
  request(): Fields;
  /** `without`: the cause the table lacks. */
  explain(sent: Sent, without?: string): Explanation;
}

export function patientOf(room: () => Room): Patient {
  const merchant = (): Merchant => room().merchants[0] as Merchant;
  const requestOf = (shop: number): Fields => ({
    method: 'alipay.trade.precreate',
    app_id: merchant().appId,
    charset: 'utf-8',
    format: 'JSON',
    sign_type: 'RSA2',
    timestamp: '2026-11-24 15:08:09',
    version: '1.0',
    notify_url: `https://shop.example/notify?shop=${shop}&lang=zh`,
    biz_content: JSON.stringify(content),
  });
  const key = (): string => merchant().keys.privateKeyPem;
  let shop = 0;
  // Keys are minted by every run; the tests about Base64 need a signature with both odd characters.
  const request = (): Fields => {
    const isOdd = () => /\+.*\/|\/.*\+/.test(rsaSign(sorted(requestOf(shop)), key()));
    if (shop === 0)
      do shop += 1;
      while (!isOdd());
    return requestOf(shop);
  };
  const explain = ({ fields, sign }: Sent, without?: string): Explanation => {
    const raw = formText({ ...fields, sign }, fields['charset'] === 'gbk' ? 'gbk' : 'utf-8');
    const pairs = formPairs(raw);
    const received = pairs.map(([name, bytes]) => ({ name, bytes, place: 'body' as const }));
    const causes = [...formCauses, replayed].filter(({ id }) => id !== without);
    return explainRequest(
      { ...envelopeOf(pairs), received: () => received },
      { room: room(), merchant: merchant() },
      { causes },
    );
  };
  return { merchant, key, request, explain };
}

export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
export const php = (value: object): string =>
  JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
export const entries = (fields: Fields) =>
  Object.entries(fields).filter(([, value]) => value !== '');
export const rewrite = (fields: Fields, text: string) => sorted({ ...fields, biz_content: text });
export const python = (): string =>
  `{"out_trade_no": "order_1", "total_amount": "9.00", "subject": ${JSON.stringify(content.subject)}, "body": ${JSON.stringify(content.body)}}`;

export const named = ({ verdict, causes }: Explanation) => ({
  verdict,
  causes: causes.map(({ cause }) => cause),
});
