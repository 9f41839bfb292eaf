/** Why a signature does not verify: the usual mistakes with this protocol, each told by its name. */
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import {
  certIdOf,
  type Fields,
  formBody,
  head,
  listen,
  now,
  paid,
  post,
  query,
  signed,
  signText,
  start,
} from './client.ts';

let site: UnionPaySite;
beforeAll(async () => {
  site = await start();
});
afterAll(() => site.stop());

const hex = (hash: string, text: string | Uint8Array): string =>
  createHash(hash).update(text).digest('hex');
const base = (): Fields => ({
  ...head,
  ...{ txnType: '00', txnSubType: '00', bizType: '000000', orderId: 'order0001', txnTime: now },
  merId: site.credentials.merId,
  certId: site.credentials.certId,
  reqReserved: 'tea & cake',
});

interface Mistake {
  readonly text?: (text: string, fields: Fields) => string;
  readonly made?: (text: string) => string | Uint8Array;
  readonly hash?: string;
  readonly fields?: Fields;
  readonly key?: string;
}

/** A request signed with a mistake in it. */
function mistaken({ text, made, hash = 'sha256', fields = {}, key }: Mistake): Fields {
  const whole: Fields = { ...base(), ...fields };
  const right = signText(whole);
  const wrong = text === undefined ? right : text(right, whole);
  const data = made === undefined ? hex('sha256', wrong) : made(wrong);
  const own = createPrivateKey(key ?? site.credentials.merchantPrivateKey);
  const signature = sign(hash, typeof data === 'string' ? Buffer.from(data) : data, own);
  return { ...whole, signature: signature.toString('base64') };
}
const explain = (fields: Fields) => site.explain({ body: formBody(fields) });
const pairs = (text: string) => text.split('&');

describe('a request', () => {
  const mistakes: readonly (readonly [what: string, cause: string, mistake: Mistake])[] = [
    ['the text was digested once', 'single-hash', { made: (text) => text }],
    [
      'the digest in upper case',
      'single-hash',
      { made: (text) => hex('sha256', text).toUpperCase() },
    ],
    [
      'the bytes of the digest',
      'single-hash',
      { made: (text) => createHash('sha256').update(text).digest() },
    ],
    ['SHA-1 inside', 'inner-hash', { made: (text) => hex('sha1', text) }],
    ['SHA-1 both times', 'digest', { made: (text) => hex('sha1', text), hash: 'sha1' }],
    [
      'certId added afterwards',
      'cert-id',
      {
        text: (text) =>
          pairs(text)
            .filter((one) => !one.startsWith('certId='))
            .join('&'),
      },
    ],
    [
      'certId in hexadecimal',
      'cert-id',
      { text: (text, { certId = '' }) => text.replace(certId, BigInt(certId).toString(16)) },
    ],
    [
      'empties left out',
      'empty-dropped',
      { text: (text) => text.replace('&reserved=', ''), fields: { reserved: '' } },
    ],
    [
      'signature= in the text',
      'signature-included',
      {
        text: (text) =>
          text
            .replace('&signMethod', '&signMethod')
            .replace(/&txnSubType/, '&signature=&txnSubType'),
      },
    ],
    [
      'sorted without regard to case',
      'order',
      {
        text: (text) =>
          pairs(text)
            .sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
            .join('&'),
        fields: { accNo: '6216261000000000018', reqReserved: 'tea' },
      },
    ],
    [
      'values encoded before signing',
      'encoded',
      { text: (text) => text.replace('tea & cake', 'tea%20%26%20cake') },
    ],
    [
      'a field left out',
      'dropped',
      { text: (text) => text.replace(/&reqReserved=tea & cake/, '') },
    ],
    ['a line end behind it', 'stray-ends', { text: (text) => `${text}\n` }],
    [
      'GBK signed, UTF-8 named',
      'charset',
      {
        text: (text) => text,
        fields: { reqReserved: '茶' },
        made: (text) =>
          hex(
            'sha256',
            Buffer.concat(
              text
                .split('茶')
                .flatMap((part, index) =>
                  index === 0
                    ? [Buffer.from(part)]
                    : [Buffer.from([0xb2, 0xe8]), Buffer.from(part)],
                ),
            ),
          ),
      },
    ],
  ];

  it.each(mistakes)('%s: %s', async (_what, cause, mistake) => {
    const explanation = await explain(mistaken(mistake));
    expect(explanation.verdict).toBe('mistaken');
    expect(explanation.causes.map((one) => one.cause)).toEqual([cause]);
    expect(explanation.advice.length).toBeGreaterThan(10);
  });

  it('with two mistakes is told both, and where the texts part', async () => {
    const both = mistaken({
      text: (text) => text.replace('&reserved=', ''),
      made: (text) => text,
      fields: { reserved: '' },
    });
    const explanation = await explain(both);
    expect(explanation.causes.map((one) => one.cause)).toEqual(['single-hash', 'empty-dropped']);
    expect(explanation.firstDifference).toMatchObject({ parameter: 'reserved' });
    expect(explanation.expected).toContain('reqReserved=tea & cake');
  });

  it('that is right is genuine; one changed afterwards is tampered with', async () => {
    const good = signed(base(), site.credentials);
    expect(await explain(good)).toMatchObject({ verdict: 'genuine', causes: [] });
    const changed = await explain({ ...good, orderId: 'order0002' });
    expect(changed.verdict).toBe('tampered');
    expect(changed.digest?.expected).not.toBe(changed.digest?.received);
    expect((await explain({ ...good, signature: '' })).verdict).toBe('unsigned');
  });

  it('of another key, or with the number of another certificate', async () => {
    const other = await site.enroll();
    const strange = await explain(mistaken({ key: other.merchantPrivateKey }));
    expect(strange).toMatchObject({ verdict: 'mistaken', cause: 'key-of-another-merchant' });
    const { encryptCert, certId } = site.credentials;
    const wrong = await explain(mistaken({ fields: { certId: certIdOf(encryptCert) } }));
    expect(wrong.cause).toBe('unknown-cert-id');
    expect(wrong.rule).toContain('the certificate that encrypts');
    const rounded = await explain(mistaken({ fields: { certId: BigInt(certId).toString(16) } }));
    expect(rounded.rule).toMatch(/in hexadecimal, or rounded|No merchant here/);
  });

  it.each([
    ['the bare key', 'sha256', (text: string, key: string) => hex('sha256', `${text}&${key}`)],
    ['no key', 'sha256', (text: string) => hex('sha256', text)],
    [
      'SM3 for 11',
      'sha256',
      (text: string, key: string) => hex('sm3', `${text}&${hex('sm3', key)}`),
    ],
  ])('with a shared key: %s', async (_what, _hash, make) => {
    const { certId: _certId, ...rest } = base() as Record<string, string>;
    const fields = { ...rest, signMethod: '11' };
    const signature = make(signText(fields), site.credentials.secureKey);
    const explanation = await explain({ ...fields, signature });
    expect(explanation).toMatchObject({ verdict: 'mistaken', cause: 'digest' });
    expect(JSON.stringify(explanation)).not.toContain(site.credentials.secureKey);
    expect(await explain(signed(fields, site.credentials))).toMatchObject({ verdict: 'genuine' });
  });

  it('is told in the journal as well, without card data', async () => {
    const fields = mistaken({ made: (text) => text, fields: { accNo: '6216261000000000018' } });
    const reply = await post(site, '/gateway/api/queryTrans.do', formBody(fields));
    expect(reply.fields['respCode']).toBe('11');
    const note = JSON.stringify(site.journal.entries({ limit: 1 }));
    expect(note).toContain('Not the hexadecimal digest of the text was signed');
    expect(note).not.toContain('6216261000000000018');
  });
});

describe('an answer', () => {
  it('is genuine, whatever the client made of it: its mistake is named', async () => {
    await paid(site, 'order0002');
    const { text, fields } = await query(site, 'order0002');
    const right = signText(fields);
    expect(await site.explain({ body: text })).toMatchObject({ verdict: 'genuine', causes: [] });
    const cases: readonly (readonly [cause: string, text: string])[] = [
      ['plus-and-blank', right.replaceAll('+', ' ')],
      ['dropped', right.replace(/&signPubKeyCert=[^&]*/, '')],
      ['line-breaks', right.replaceAll('\r\n', '\n')],
    ];
    for (const [cause, believed] of cases) {
      const explanation = await site.explain({ body: text, client: { text: believed } });
      expect([explanation.verdict, explanation.cause]).toEqual(['genuine', cause]);
    }
    const lost = await site.explain({ body: text.replaceAll('\r\n', '\n') });
    expect(lost.causes.map((one) => one.cause)).toContain('certificate-line-ends');
    const altered = await site.explain({ body: text.replace('txnAmt=1000', 'txnAmt=1') });
    expect(altered.verdict).toBe('tampered');
  });

  it.each([
    ['foreign-signature', 'foreign-chain', 'forged'],
    ['wrong-name', 'foreign-name', 'forged'],
    ['stale-timestamp', 'expired-certificate', 'forged'],
  ])('of %s: %s', async (fault, cause, verdict) => {
    site.faults.arm({ fault, operation: 'transactions.query' });
    const { text } = await query(site, 'order0002');
    const explanation = await site.explain({ body: text });
    expect(explanation.verdict).toBe(verdict);
    expect(explanation.causes.map((one) => one.cause)).toContain(cause);
  });

  it('may be a notification, read from its bytes', async () => {
    const told = listen(site);
    await paid(site, 'order0003');
    await site.clock.advance(0);
    const body = Buffer.from(told[0]!.message.body as Uint8Array).toString();
    expect(await site.explain({ body })).toMatchObject({ verdict: 'genuine' });
    site.listen(undefined);
  });
});

it('answers on its control route, to people and to programs; takes no private key', async () => {
  const exchange = (method: 'GET' | 'POST', headers: Fields, body?: string) =>
    site.transport
      .exchange({
        method,
        url: `${site.url}/_sim/doctor`,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      .then(async (reply) => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of reply.body) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
      });
  expect(await exchange('GET', { accept: 'text/html' })).toContain('<form');
  const body = formBody(mistaken({ made: (text) => text }));
  const json = { 'content-type': 'application/json' };
  const told = JSON.parse(await exchange('POST', json, JSON.stringify({ body })));
  expect(told).toMatchObject({ verdict: 'mistaken', cause: 'single-hash' });
  const client = { key: site.credentials.merchantPrivateKey };
  await expect(site.explain({ body, client })).rejects.toThrow('private key');
});
