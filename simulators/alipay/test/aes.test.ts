/** Contents encrypted with AES, over both protocols. */
import { createVerify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { type Answer, common, type Fields, form, send, signed, start, terms } from './client.ts';
import { aesDecrypt, aesEncrypt, sendV3, usualPairs, v3Verifies } from './v3-client.ts';

let site: AlipaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

/** An encrypted request; `extra` goes on top before it is signed. */
async function exec(method: string, biz: string, extra: Fields = {}): Promise<Answer> {
  const { credentials } = site;
  const fields = { ...common(method, credentials, biz), encrypt_type: 'AES', ...extra };
  return send(site, { body: form(signed(fields, credentials.merchantPrivateKey)) });
}

const encrypted = (biz: unknown) =>
  aesEncrypt(site.credentials.encryptKey, typeof biz === 'string' ? biz : JSON.stringify(biz));

/** The raw text of the node, quotes included, and what it is once decrypted. */
function nodeOf({ text }: Answer) {
  const [, raw = '', sign = ''] = /^\{"\w+_response":(.*),"sign":"([^"]+)"\}$/.exec(text) ?? [];
  const verifies = createVerify('RSA-SHA256')
    .update(raw)
    .verify(site.credentials.platformPublicKey, sign, 'base64');
  const opaque = raw.startsWith('"');
  const plain = opaque ? aesDecrypt(site.credentials.encryptKey, JSON.parse(raw)) : raw;
  return { raw, verifies, opaque, node: JSON.parse(plain) };
}

describe('gateway.do with encrypt_type=AES', () => {
  it('takes ciphertext for biz_content and answers with a quoted one, signed with its quotes', async () => {
    const made = nodeOf(await exec('alipay.trade.precreate', encrypted(terms('a1', '3.00'))));
    expect(made).toMatchObject({ opaque: true, verifies: true });
    expect(made.node).toMatchObject({ code: '10000', out_trade_no: 'a1' });
    expect(made.raw).toMatch(/^"[A-Za-z0-9+/]+={0,2}"$/);
    expect(site.book('a1')).toMatchObject({ state: 'UNSCANNED' });
  });

  it('encrypts refusals of the business, too', async () => {
    const refused = nodeOf(await exec('alipay.trade.query', encrypted({ out_trade_no: 'none' })));
    expect(refused).toMatchObject({ opaque: true, verifies: true });
    expect(refused.node).toMatchObject({ code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' });
  });

  it('encrypts what is in another character set, in that character set', async () => {
    const { encryptKey } = site.credentials;
    const biz = Buffer.from('{"out_trade_no":"a2","total_amount":"1.00","subject":"xx"}');
    // 测 in GBK
    biz.set([0xb2, 0xe2], biz.indexOf('xx'));
    const { createCipheriv } = await import('node:crypto');
    const key = Buffer.from(encryptKey, 'base64');
    const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16));
    const text = Buffer.concat([cipher.update(biz), cipher.final()]).toString('base64');
    const made = nodeOf(await exec('alipay.trade.precreate', text, { charset: 'GBK' }));
    expect(made.node).toMatchObject({ code: '10000', out_trade_no: 'a2' });
    const listed = site.book() as { orders: unknown[] };
    expect(listed.orders.length).toBe(1);
    await site.payer.approve('a2');
    expect(site.journal.entries({ id: 'a2' })[0]?.request).toMatchObject({
      biz_content: { subject: '测' },
    });
  });

  it.each<[string, () => string]>([
    ['of another key', () => aesEncrypt(Buffer.alloc(16, 7).toString('base64'), '{"a":"b"}')],
    ['that is no Base64', () => '{"out_trade_no":"a1"}'],
    ['of half a block', () => encrypted({ out_trade_no: 'a1' }).slice(0, 8)],
    ['cut short', () => encrypted({ out_trade_no: 'a'.repeat(40) }).slice(0, 32)],
    ['of something that is no JSON', () => encrypted('out_trade_no=a1')],
    ['of a list', () => encrypted('[]')],
    ['of nothing', () => ''],
  ])('a text %s is answered in plain, signed', async (_, text) => {
    const answer = await exec('alipay.trade.query', text());
    expect(nodeOf(answer)).toEqual({
      raw: '{"code":"40003","msg":"Insufficient Conditions","sub_code":"isv.decryption-error-unknown","sub_msg":"解密出错, 未知错误"}',
      verifies: true,
      opaque: false,
      node: expect.objectContaining({ sub_code: 'isv.decryption-error-unknown' }),
    });
  });

  it('looks at the signature first: it is over the ciphertext', async () => {
    const { credentials } = site;
    const biz = JSON.stringify(terms('a3'));
    const fields = { ...common('alipay.trade.precreate', credentials, biz), encrypt_type: 'AES' };
    const { sign = '' } = signed(fields, credentials.merchantPrivateKey);
    const sent = { ...fields, biz_content: encrypted(biz), sign };
    const refused = nodeOf(await send(site, { body: form(sent) }));
    expect(refused).toMatchObject({ opaque: false, verifies: true });
    expect(refused.node).toMatchObject({ sub_code: 'isv.invalid-signature' });
    expect(site.book('a3')).toBeUndefined();
  });

  it('knows no other cipher', async () => {
    const refused = nodeOf(await exec('alipay.trade.query', '{}', { encrypt_type: 'SM4' }));
    expect(refused.node).toMatchObject({ code: '40002', sub_code: 'isv.invalid-encrypt-type' });
  });

  it("has a key of each app's own", async () => {
    const other = await site.enroll();
    expect(Buffer.from(other.encryptKey, 'base64').length).toBe(16);
    expect(other.encryptKey).not.toBe(site.credentials.encryptKey);
    expect(other.encryptKey).not.toBe('');
  });

  it('lets faults find the order that is inside', async () => {
    site.faults.arm({ fault: 'server-error', id: 'a4' });
    const text = encrypted(terms('a4'));
    expect((await exec('alipay.trade.precreate', text)).status).toBe(502);
    expect((await exec('alipay.trade.precreate', text)).status).toBe(200);
    const journal = JSON.stringify(site.journal.entries());
    expect(journal).not.toContain(site.credentials.encryptKey);
  });
});

describe('V3 with alipay-encrypt-type: AES', () => {
  const headers = { 'alipay-encrypt-type': 'AES', 'content-type': 'text/plain' };
  const ask = (path: string, body: string) =>
    sendV3(site, { target: `/v3/alipay/${path}`, body, headers });
  const verified = (answer: Answer) => v3Verifies(answer, site.credentials.platformPublicKey);

  it('takes and gives ciphertext, signed as it stands', async () => {
    const answer = await ask('trade/precreate', encrypted(terms('b1')));
    expect(answer.headers['content-type']).toBe('text/plain;charset=utf-8');
    expect(verified(answer)).toBe(true);
    expect(JSON.parse(aesDecrypt(site.credentials.encryptKey, answer.text))).toMatchObject({
      out_trade_no: 'b1',
    });
  });

  it('says what went wrong in plain JSON', async () => {
    const refused = await ask('trade/query', encrypted({ out_trade_no: 'none' }));
    expect(JSON.parse(refused.text).code).toBe('ACQ.TRADE_NOT_EXIST');
    expect(verified(refused)).toBe(true);
    const unread = await ask('trade/query', 'AAAA');
    expect(unread.status).toBe(400);
    expect(JSON.parse(unread.text).code).toBe('decryption-error-unknown');
    expect(verified(unread)).toBe(true);
  });

  it('encrypts the answer to a GET that asks for it', async () => {
    await site.settle('2026-11-24');
    const target =
      '/v3/alipay/data/dataservice/bill/downloadurl/query?bill_type=trade&bill_date=2026-11-24';
    const answer = await sendV3(site, {
      verb: 'GET',
      target,
      headers: { 'alipay-encrypt-type': 'AES' },
      pairs: usualPairs(site),
    });
    expect(answer.status).toBe(200);
    const plain = JSON.parse(aesDecrypt(site.credentials.encryptKey, answer.text));
    expect(plain.bill_download_url).toContain('fileId=');
  });
});
