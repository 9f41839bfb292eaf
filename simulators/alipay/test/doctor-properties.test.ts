/** Random requests and every cause: the doctor names the cause, accuses nobody, and never throws. */

import { encodeText } from '@polyrail/simulator';
import type { DoctorInput } from '@polyrail/simulator/doctor';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainNotification } from '../src/doctor-notification.ts';
import { explainReply } from '../src/doctor-reply.ts';
import { explainRequest } from '../src/doctor-request.ts';
import { doctorOf } from '../src/doctor-route.ts';
import { envelopeOf, formPairs, formText } from '../src/envelope.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import type { Fields } from './client.ts';
import { doctorRoom, hash, joined, pssSign, rsaSign, sorted } from './doctor-client.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());

const merchant = (): Merchant => room.merchants[0] as Merchant;
const own = (): string => merchant().keys.privateKeyPem;
const other = (): string => (room.merchants[1] as Merchant).keys.privateKeyPem;

const word = fc.stringMatching(/^[A-Za-z0-9]{1,12}$/);
/** Every kind of character that a mistake changes, and something random around it. */
const rich = fc
  .tuple(word, word, fc.constantFrom('茶', '测试', '中文'))
  .map(([first, second, chinese]) => `${first} "${chinese}" & <b>/${second}+`);
const requests = fc.record({ subject: rich, id: word, note: rich, extra: word }).map(
  ({ subject, id, note, extra }): Fields => ({
    method: 'alipay.trade.precreate',
    charset: 'utf-8',
    app_id: merchant().appId,
    format: 'JSON',
    sign_type: 'RSA2',
    timestamp: '2026-11-24 15:08:09',
    version: '1.0',
    passback: note,
    terminal_id: extra,
    biz_content: JSON.stringify({ subject, out_trade_no: id, total_amount: '9.00' }),
  }),
);

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
const form = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2);
const without = (fields: Fields, name: string): Fields => {
  const { [name]: _, ...rest } = fields;
  return rest;
};
const anew = (fields: Fields, write: (value: object) => string): string =>
  sorted({ ...fields, biz_content: write(JSON.parse(fields['biz_content'] ?? '')) });

type Signer = (fields: Fields) => string;
const over = (text: (fields: Fields) => string | Uint8Array): Signer => {
  return (fields) => rsaSign(text(fields), own());
};

const mistakes: Readonly<Record<string, readonly Signer[]>> = {
  'sign-type': [over((fields) => sorted(without(fields, 'sign_type')))],
  encoded: [over((f) => sorted(f, encodeURIComponent)), over((f) => sorted(f, form))],
  'html-escaped': [over((fields) => sorted(fields, escaped))],
  order: [
    over((fields) => joined(Object.entries(fields))),
    over((fields) => joined(Object.entries(fields).sort().reverse())),
  ],
  charset: [over((fields) => encodeText(sorted(fields), 'gbk'))],
  'empty-kept': [
    over((fields) => sorted(fields).replace('&timestamp', '&terminal_type=&timestamp')),
  ],
  dropped: [
    over((fields) => sorted(without(fields, 'terminal_id'))),
    over((fields) => sorted(without(fields, 'passback'))),
  ],
  'plus-and-blank': [
    over((fields) => sorted(fields, (text) => text.replaceAll(' ', '+'))),
    over((fields) => sorted(fields, (text) => text.replaceAll('+', ' '))),
  ],
  'json-rewritten': [
    over((fields) => anew(fields, (value) => JSON.stringify(value, null, 2))),
    over((fields) => anew(fields, (value) => JSON.stringify(value).replaceAll('/', '\\/'))),
  ],
  'stray-ends': [over((fields) => `${sorted(fields)}\r\n`), over((f) => `\u{feff}${sorted(f)}`)],
  'digest-signed': [over((fields) => hash(sorted(fields)).toString('hex'))],
  changed: [over((fields) => sorted({ ...fields, timestamp: '2026-11-24 15:08:11' }))],
  'key-of-another-app': [(fields) => rsaSign(sorted(fields), other())],
  digest: [(fields) => rsaSign(sorted(fields), own(), 'RSA-SHA1')],
  padding: [(fields) => pssSign(sorted(fields), own())],
  'signature-encoding': [
    (fields) => Buffer.from(rsaSign(sorted(fields), own()), 'base64').toString('hex'),
  ],
};

const explained = (fields: Fields, sign: string) => {
  // Nothing is merged or lost on the way: what is explained is what was sent.
  const envelope = envelopeOf(formPairs(formText({ ...fields, sign }, 'utf-8')));
  return explainRequest(envelope, { room, merchant: merchant() });
};

describe('for random requests the doctor names', () => {
  it.each(Object.entries(mistakes))('%s', (cause, signers) => {
    fc.assert(
      fc.property(requests, fc.constantFrom(...signers), (fields, sign) => {
        const told = explained(fields, sign(fields));
        expect(told.verdict).toBe('mistaken');
        expect(told.causes.map((one) => one.cause)).toEqual([cause]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('what is right', () => {
  it('is never accused', () => {
    fc.assert(
      fc.property(
        requests,
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string()),
        (fields, more) => {
          const all: Fields = { ...more, ...fields };
          // What encoding cannot carry is not what was signed: a lone surrogate becomes another text.
          fc.pre(Object.values(all).every((value) => value.isWellFormed()));
          const { sign: _, ...rest } = all;
          const told = explained(rest, rsaSign(sorted(rest), own()));
          expect([told.verdict, told.causes]).toEqual(['genuine', []]);
          expect(told.firstDifference).toBeUndefined();
        },
      ),
    );
  });
});

const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), rich);
const inputs: fc.Arbitrary<DoctorInput> = fc.record(
  {
    kind: fc.constantFrom('request' as const, 'reply' as const, 'notification' as const),
    method: fc.string({ maxLength: 6 }),
    url: texts,
    headers: fc.oneof(
      fc.dictionary(fc.constantFrom('authorization', 'alipay-signature', 'content-type'), texts),
      texts,
    ),
    body: fc.oneof(texts, fc.uint8Array(), fc.json(), fc.webQueryParameters()),
    client: fc.record(
      { text: texts, key: texts, charset: fc.constantFrom('gbk', 'utf-8', 'x'), signType: texts },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

describe('nothing makes it throw', () => {
  it('whatever it is shown', async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        const told = await doctorOf(room).explain(input);
        expect(told.verdict).toMatch(/^(?:genuine|mistaken|tampered|forged|unsigned)$/);
        expect(told.verdict).not.toBe('genuine');
      }),
      { numRuns: 400 },
    );
  });

  it('in signatures, nodes and forms that begin well', async () => {
    const start = fc.constantFrom('sign=', 'charset=gbk&sign_type=SM2&sign=', 'msg_method=a&sign=');
    const signs = fc.oneof(fc.base64String({ maxLength: 400 }), texts);
    await fc.assert(
      fc.asyncProperty(start, signs, texts, async (head, sign, rest) => {
        const form = Buffer.from(`app_id=${merchant().appId}&${head}${sign}&${rest}`);
        const envelope = envelopeOf(formPairs(form.toString('latin1')));
        const asked = explainRequest(envelope, { room, merchant: merchant() });
        const notified = await explainNotification({ body: form }, room);
        const reply = Buffer.from(`{"a_response":{${rest}},"sign":"${sign}"}`);
        const answered = await explainReply({ body: reply, headers: {} }, room);
        for (const told of [asked, notified, answered]) expect(told.verdict).not.toBe('genuine');
      }),
      { numRuns: 200 },
    );
  });
});
