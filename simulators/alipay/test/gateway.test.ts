import { createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import {
  call,
  canonical,
  common,
  type Fields,
  form,
  pay,
  rawNode,
  send,
  signed,
  start,
  terms,
  verifiedBy,
} from './client.ts';

let site: AlipaySite;
beforeAll(async () => {
  site = await start();
});
afterAll(() => site.stop());

const query = (id = 'none'): Fields =>
  common('alipay.trade.query', site.credentials, { out_trade_no: id });
const post = (fields: Fields, key = site.credentials.merchantPrivateKey) =>
  send(site, { body: form(signed(fields, key)) });
const without = (fields: Fields, name: string): Fields => {
  const { [name]: _, ...rest } = fields;
  return rest;
};

describe('a refusal of the gateway', () => {
  const cases: readonly [string, (fields: Fields) => Fields, string, string, string?][] = [
    ['no version', (f) => without(f, 'version'), '40001', 'isv.missing-version'],
    ['another version', (f) => ({ ...f, version: '2.0' }), '40002', 'isv.invalid-version'],
    ['another format', (f) => ({ ...f, format: 'XML' }), '40002', 'isv.invalid-format'],
    ['an unknown charset', (f) => ({ ...f, charset: 'big5' }), '40002', 'isv.invalid-charset'],
    ['no timestamp', (f) => without(f, 'timestamp'), '40001', 'isv.missing-timestamp'],
    [
      'a timestamp that is none',
      (f) => ({ ...f, timestamp: '2026-02-30 00:00:00' }),
      '40002',
      'isv.invalid-timestamp',
    ],
    ['no sign_type', (f) => without(f, 'sign_type'), '40001', 'isv.missing-signature-type'],
    [
      'an unknown sign_type',
      (f) => ({ ...f, sign_type: 'MD5' }),
      '40002',
      'isv.invalid-signature-type',
    ],
    [
      "somebody else's token",
      (f) => ({ ...f, app_auth_token: '202611BB' }),
      '20001',
      'aop.invalid-app-auth-token',
    ],
    [
      'encryption without a key',
      (f) => ({ ...f, encrypt_type: 'AES' }),
      '40003',
      'isv.decryption-error-unknown',
      '解密出错, 未知错误',
    ],
    ['a broken biz_content', (f) => ({ ...f, biz_content: '{' }), '40002', 'isv.invalid-parameter'],
    [
      'a list as biz_content',
      (f) => ({ ...f, biz_content: '[]' }),
      '40002',
      'isv.invalid-parameter',
    ],
    ['no biz_content', (f) => without(f, 'biz_content'), '40002', 'isv.invalid-parameter'],
  ];
  it.each(cases)('for %s is signed and coded', async (_, change, code, subCode, subMsg) => {
    const answer = await post(change(query()));
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^\{"alipay_trade_query_response":/);
    expect(verifiedBy(answer.text, site.credentials.platformPublicKey)).toBe(true);
    const node = JSON.parse(rawNode(answer.text));
    expect(node).toMatchObject({ code, sub_code: subCode });
    if (subMsg !== undefined) expect(node.sub_msg).toBe(subMsg);
    expect(Object.keys(node)).toEqual(['code', 'msg', 'sub_code', 'sub_msg']);
  });

  it('for no app, or an unknown one, is not signed: nobody is known', async () => {
    const missing = await post(without(query(), 'app_id'));
    expect(missing.text).toBe(
      '{"alipay_trade_query_response":{"code":"40001","msg":"Missing Required Arguments",' +
        '"sub_code":"isv.missing-app-id","sub_msg":"缺少AppID参数"}}',
    );
    const unknown = await post({ ...query(), app_id: '9021000000000000' });
    expect(unknown.text).toContain('"sub_code":"isv.invalid-app-id","sub_msg":"无效的AppID参数"}}');
  });

  it('for a missing or unknown method has no node to name', async () => {
    const unknown = await post({ ...query(), method: 'alipay.trade.queri' });
    expect(unknown.text).toMatch(/^\{"error_response":\{"code":"40002"/);
    expect(unknown.text).toContain('"sub_code":"isv.invalid-method","sub_msg":"不存在的方法名"');
    expect(verifiedBy(unknown.text, site.credentials.platformPublicKey)).toBe(true);
    const missing = await post(without(query(), 'method'));
    expect(missing.text).toContain('"sub_code":"isv.missing-method"');
    const inherited = await post({ ...query(), method: 'constructor' });
    expect(inherited.text).toContain('isv.invalid-method');
  });

  it('for a signature quotes what it verified', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = other.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const answer = await post(query(), key);
    const node = JSON.parse(rawNode(answer.text));
    const text = canonical(query(), []).replaceAll('&', '&amp;');
    expect(node).toEqual({
      code: '40002',
      msg: 'Invalid Arguments',
      sub_code: 'isv.invalid-signature',
      sub_msg: `验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：${text}`,
    });
    expect(verifiedBy(answer.text, site.credentials.platformPublicKey)).toBe(true);
    expect(site.journal.entries({ limit: 1 })[0]?.note).toContain("Nobody's key known here");
  });

  it.each([
    ['sign', ''],
    ['sign', 'not base64 at all!'],
  ])('for %s = %j comes before the business', async (name, value) => {
    const fields = { ...signed(query(), site.credentials.merchantPrivateKey), [name]: value };
    const node = JSON.parse(rawNode((await send(site, { body: form(fields) })).text));
    const expected = value === '' ? 'isv.missing-signature' : 'isv.invalid-signature';
    expect(node.sub_code).toBe(expected);
  });

  it.each(['biz_content', 'app_id', 'method', 'timestamp', 'notify_url', 'sign_type'])(
    'comes when %s was changed after signing',
    async (name) => {
      const { merchantPrivateKey } = site.credentials;
      const second = await site.enroll();
      const changes: Fields = {
        biz_content: '{"out_trade_no":"other"}',
        app_id: second.appId,
        method: 'alipay.trade.close',
        timestamp: '2026-11-24 15:08:10',
        notify_url: 'http://127.0.0.1/n',
        sign_type: 'RSA',
      };
      const fields = signed(query(), merchantPrivateKey);
      const body = form({ ...fields, [name]: changes[name] ?? '' });
      const node = JSON.parse(rawNode((await send(site, { body })).text));
      expect(node.sub_code).toBe('isv.invalid-signature');
    },
  );
});

describe('the journal explains a signature', () => {
  const explained = async (fields: Fields, text: string, digest = 'RSA2') => {
    const { createSign } = await import('node:crypto');
    const sign = createSign(digest === 'RSA2' ? 'RSA-SHA256' : 'RSA-SHA1')
      .update(text)
      .sign(site.credentials.merchantPrivateKey, 'base64');
    await send(site, { body: form({ ...fields, sign }) });
    return site.journal.entries({ limit: 1 })[0]?.note;
  };
  it('made without sign_type', async () => {
    const note = await explained(query(), canonical(query(), ['sign_type']));
    expect(note).toContain('sign_type was left out');
    const at = canonical(query(), []).indexOf('sign_type=');
    expect(note).toContain(`First difference: byte ${at}, in sign_type`);
  });
  it('made over a biz_content that was written anew', async () => {
    const fields = { ...query(), biz_content: '{ "out_trade_no" : "none" }' };
    const text = canonical({ ...fields, biz_content: '{"out_trade_no":"none"}' }, []);
    expect(await explained(fields, text)).toContain('JSON was written anew');
  });
  it('made with empty values', async () => {
    const fields = { ...query(), notify_url: '' };
    const names = Object.keys(fields).sort();
    const text = names.map((name) => `${name}=${(fields as Fields)[name]}`).join('&');
    expect(await explained(fields, text)).toContain('without a value were kept');
  });
  it('made with the other digest', async () => {
    expect(await explained(query(), canonical(query(), []), 'RSA')).toContain(
      'made as RSA (SHA-1), but sign_type says RSA2',
    );
  });
  it('made over encoded values', async () => {
    const fields = query();
    const text = Object.keys(fields)
      .sort()
      .map((name) => `${name}=${encodeURIComponent(fields[name] ?? '')}`)
      .join('&');
    expect(await explained(fields, text)).toContain('percent-encoded before');
  });
});

describe('the reply', () => {
  it('is compact, escapes the slash, sorts its members and ends with the signature', async () => {
    const fields = common('alipay.trade.precreate', site.credentials, terms('shape'));
    const answer = await post(fields);
    expect(answer.text).toMatch(
      /^\{"alipay_trade_precreate_response":\{"code":"10000","msg":"Success","out_trade_no":"shape","qr_code":"https:\\\/\\\/qr\.alipay\.com\\\/bax[0-9]{5}[0-9a-z]{16}"\},"sign":"[A-Za-z0-9+/]{342}=="\}$/,
    );
    expect(answer.headers['content-type']).toBe('text/html;charset=utf-8');
    expect(answer.headers['trace_id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('answers SHA-1 requests with SHA-1 signatures', async () => {
    const answer = await post({ ...query(), sign_type: 'RSA' });
    expect(verifiedBy(answer.text, site.credentials.platformPublicKey, 'RSA-SHA1')).toBe(true);
    expect(verifiedBy(answer.text, site.credentials.platformPublicKey, 'RSA-SHA256')).toBe(false);
  });

  it('writes a payment as the real one is written', async () => {
    const node = await pay(site, 'members', '12.30');
    expect(Object.keys(node)).toEqual([
      'code',
      'msg',
      'buyer_logon_id',
      'buyer_pay_amount',
      'buyer_user_id',
      'buyer_user_type',
      'fund_bill_list',
      'gmt_payment',
      'invoice_amount',
      'out_trade_no',
      'point_amount',
      'receipt_amount',
      'total_amount',
      'trade_no',
    ]);
    expect(node['trade_no']).toMatch(/^2026112422\d{18}$/);
    expect(node['gmt_payment']).toBe('2026-11-24 15:08:09');
  });
});

describe('certificate mode', () => {
  const sns = () => ({
    app_cert_sn: certificateSn(site.credentials.merchantCert),
    alipay_root_cert_sn: rootCertificateSn(site.credentials.rootCert),
  });

  it('names the certificate the reply is signed with', async () => {
    const answer = await post({ ...query(), ...sns() });
    const sn = certificateSn(site.credentials.platformCert);
    expect(answer.text).toContain(`},"alipay_cert_sn":"${sn}","sign":"`);
    const key = new X509Certificate(site.credentials.platformCert).publicKey;
    const pem = key.export({ type: 'spki', format: 'pem' }) as string;
    expect(verifiedBy(answer.text, pem)).toBe(true);
  });

  it('says nothing of certificates in key mode', async () => {
    expect((await post(query())).text).not.toContain('alipay_cert_sn');
  });

  it('hands out one chain, the issuer in the order C, O, OU, CN', () => {
    const { rootCert, platformCert, merchantCert, merchantPublicKey } = site.credentials;
    const root = new X509Certificate(rootCert);
    for (const pem of [platformCert, merchantCert]) {
      const leaf = new X509Certificate(pem);
      expect(leaf.checkIssued(root)).toBe(true);
      expect(leaf.verify(root.publicKey)).toBe(true);
      expect(leaf.issuer).toMatch(/^C=CN\nO=.+\nOU=.+\nCN=.+$/);
    }
    expect(root.ca).toBe(true);
    const app = new X509Certificate(merchantCert).publicKey;
    expect(app.equals(createPublicKey(merchantPublicKey))).toBe(true);
    expect(rootCert.endsWith('\n\n')).toBe(true);
  });

  const cases: readonly [string, () => Fields, string, string][] = [
    [
      'only a root SN',
      () => ({ alipay_root_cert_sn: sns().alipay_root_cert_sn }),
      '40001',
      'isv.missing-app-cert-sn',
    ],
    [
      'only an app SN',
      () => ({ app_cert_sn: sns().app_cert_sn }),
      '40001',
      'isv.missing-alipay-root-cert-sn',
    ],
    [
      'another app SN',
      () => ({ ...sns(), app_cert_sn: '0'.repeat(32) }),
      '40002',
      'isv.app-cert-not-exist',
    ],
    [
      'another root SN',
      () => ({ ...sns(), alipay_root_cert_sn: '0'.repeat(32) }),
      '40002',
      'isv.invalid-alipay-root-cert-sn',
    ],
  ];
  it.each(cases)('refuses %s', async (_, fields, code, subCode) => {
    const node = JSON.parse(rawNode((await post({ ...query(), ...fields() })).text));
    expect(node).toMatchObject({ code, sub_code: subCode });
  });

  it('rotates its key on demand and hands out the new certificate', async () => {
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const answer = await post({ ...query(), ...sns() });
    const sn = /"alipay_cert_sn":"([0-9a-f]{32})"/.exec(answer.text)?.[1] ?? '';
    expect(sn).not.toBe(certificateSn(site.credentials.platformCert));
    expect(verifiedBy(answer.text, site.credentials.platformPublicKey)).toBe(false);
    const node = await call(site, 'open.app.alipaycert.download', { alipay_cert_sn: sn });
    const pem = Buffer.from(node['alipay_cert_content'], 'base64').toString();
    expect(certificateSn(pem)).toBe(sn);
    const leaf = new X509Certificate(pem);
    expect(leaf.verify(new X509Certificate(site.credentials.rootCert).publicKey)).toBe(true);
    const key = leaf.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    expect(verifiedBy(answer.text, key)).toBe(true);
    const unknown = await call(site, 'open.app.alipaycert.download', { alipay_cert_sn: 'x' });
    expect(unknown['sub_code']).toBe('isv.alipay-cert-not-exist');
  });
});

describe('clock skew', () => {
  it("is nobody's business unless asked for", async () => {
    const strict = await start({ clockSkewMs: 600_000 });
    const fields = common('alipay.trade.query', strict.credentials, { out_trade_no: 'x' });
    const ask = async (timestamp: string) => {
      const body = form(signed({ ...fields, timestamp }, strict.credentials.merchantPrivateKey));
      return JSON.parse(rawNode((await send(strict, { body })).text)).sub_code;
    };
    expect(await ask('2020-01-01 00:00:00')).toBe('isv.invalid-timestamp');
    const inZone = new Date(Date.now() + 8 * 3_600_000).toISOString();
    expect(await ask(inZone.slice(0, 19).replace('T', ' '))).toBe('ACQ.TRADE_NOT_EXIST');
    await strict.stop();
    const lenient = await post({ ...query(), timestamp: '2020-01-01 00:00:00' });
    expect(lenient.text).toContain('ACQ.TRADE_NOT_EXIST');
  });
});
