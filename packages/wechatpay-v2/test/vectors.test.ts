import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type StatementLine, secret } from '@polyrail/core';
import { decryptEcb } from '@polyrail/kit/ecb';
import { readXml } from '@polyrail/kit/xml';
import { createBillReader, fundsBill, tradeBill } from '@polyrail/wechatpay-bills';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../src/config.ts';
import { openRefund } from '../src/notification.ts';
import { requireSigned, signatureOf, signedText } from '../src/seal.ts';
import { base, thrown } from './gateway.ts';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly [member: string]: unknown;
}
const file = new URL('./vectors/wechatpay.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] };
const text = (vector: Vector, member: string): string => String(vector[member]);
const of = (...kinds: readonly string[]) =>
  vectors.filter(({ kind }) => kinds.includes(kind)).map((vector) => [vector.id, vector] as const);
const paramsOf = (vector: Vector): Record<string, string> =>
  Object.fromEntries(
    Object.entries(vector['params'] as object).map(([name, value]) => [name, String(value)]),
  );

describe('published answers', () => {
  it.each(of('v2-sign'))('of signing: %s', async (_, vector) => {
    const fields = paramsOf(vector);
    const key = text(vector, 'key');
    const settings = { apiKey: secret(key) };
    const signType = text(vector, 'sign_type') as 'MD5';
    expect(signedText(fields, key)).toBe(vector['stringSignTemp']);
    const sign = signatureOf(fields, settings, signType);
    expect(sign).toBe(vector['expected']);
    requireSigned({ ...fields, sign }, settings, signType);
    const [name = ''] = Object.keys(fields);
    const changed = { ...fields, [name]: `${fields[name]}x`, sign };
    await expect(thrown(() => requireSigned(changed, settings, signType))).resolves.toMatchObject({
      code: 'REPLY_UNVERIFIED',
    });
  });

  it.each(of('v2-xml-sample'))('of reading: %s', (_, vector) => {
    const { sign, ...fields } = readXml(text(vector, 'xml')).fields;
    expect(fields).toEqual(vector['params']);
    // The documented samples carry signs that their own key does not make: they are refused.
    const settings = { apiKey: secret(text(vector, 'key')) };
    expect(sign).toBe(vector['expected']);
    expect(signatureOf(fields, settings, 'MD5')).toBe(vector['actual']);
    expect(() => requireSigned({ ...fields, sign }, settings, 'MD5')).toThrow(/does not fit/);
  });

  it.each(of('v2-refund-notify-decrypt'))('of refund notifications: %s', (_, vector) => {
    const apiKey = text(vector, 'apiKey');
    expect(createHash('md5').update(apiKey).digest('hex')).toBe(vector['md5Key']);
    const settings = settingsOf({ ...base, apiKey: secret(apiKey) });
    const told = openRefund(text(vector, 'req_info'), settings);
    expect(told).toEqual(readXml(text(vector, 'plaintext')).fields);
    expect(told).toMatchObject({ refund_fee: '6', refund_status: 'SUCCESS' });
  });

  it.each(of('aes-256-ecb-pkcs7'))('of the cipher: %s', (_, vector) => {
    const sealed = Buffer.from(text(vector, 'ciphertext'), 'base64');
    const plain = decryptEcb(Buffer.from(text(vector, 'key')), sealed);
    expect(Buffer.from(plain).toString()).toBe(vector['plaintext']);
  });
});

const linesOf = (content: string, layout = tradeBill) => {
  const reader = createBillReader(layout);
  const lines: StatementLine[] = [];
  for (const line of content.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const made = reader.read(line);
    if (made !== undefined) lines.push(made);
  }
  reader.finish();
  return lines;
};

describe('published bills', () => {
  const [, php] = of('bill-csv-sample').find(([id]) => id === 'bill-trade-all-php') ?? [];

  it('of trade are read, and add up', () => {
    const content = Buffer.from(text(php as Vector, 'contentBase64'), 'base64');
    expect(createHash('sha1').update(content).digest('hex')).toBe(php?.['sha1']);
    const lines = linesOf(content.toString());
    expect(lines).toHaveLength(Number(php?.['detailRows']));
    expect(lines[0]).toMatchObject({ kind: 'refund', direction: 'out' });
  });

  it.each(of('bill-gzip-sample'))('%s is read, or is cut and says so', (_, vector) => {
    const content = gunzipSync(Buffer.from(text(vector, 'gzipBase64'), 'base64')).toString();
    expect(createHash('sha1').update(content).digest('hex')).toBe(vector['sha1OfPlaintext']);
    if (!content.startsWith('记账时间')) {
      expect(linesOf(content)[0]).toMatchObject({ kind: 'payment', direction: 'in' });
      return;
    }
    // Its sums tell of three lines; whoever published it left two.
    expect(() => linesOf(content, fundsBill)).toThrow(/do not add up/);
    const whole = content.replace('`3,`1,`0.01,`2,`0.02', '`2,`0,`0.00,`2,`0.02');
    expect(linesOf(whole, fundsBill)).toMatchObject([
      { kind: 'refund', direction: 'out', amount: { amount: 1 } },
      { kind: 'refund', direction: 'out', amount: { amount: 1 } },
    ]);
  });

  it.each(of('bill-csv-sample').filter(([id]) => id !== 'bill-trade-all-php'))(
    '%s is cut by whoever published it, and says so',
    (_, vector) => {
      expect(() => linesOf(text(vector, 'plaintext'))).toThrow(/The bill is not whole/);
    },
  );
});
