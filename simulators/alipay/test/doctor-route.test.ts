/** The doctor asked over its control route and in process, as people and programs ask. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import {
  barcode,
  collect,
  common,
  type Fields,
  form,
  rawNode,
  send,
  signed,
  start,
  terms,
} from './client.ts';
import { rsaSign, sorted } from './doctor-client.ts';
import { sendV3 } from './v3-client.ts';

let site: AlipaySite;
beforeAll(async () => {
  site = await start();
});
afterAll(() => site.stop());

const query = (): Fields =>
  common('alipay.trade.query', site.credentials, { out_trade_no: 'none', note: 'a b' });
const wrong = (): Fields => {
  const { sign_type: _, ...rest } = query();
  return { ...query(), sign: rsaSign(sorted(rest), site.credentials.merchantPrivateKey) };
};
const json = { 'content-type': 'application/json' };
const ask = async (body: object, headers: Fields = json) => {
  const answer = await send(site, { url: '/_sim/doctor', body: JSON.stringify(body), headers });
  return { ...answer, json: JSON.parse(answer.text) };
};

describe('the control route', () => {
  it('explains a request given as body, as query, or as both', async () => {
    const { biz_content: content = '', ...rest } = wrong();
    const asked = [
      { body: form(wrong()) },
      { kind: 'request', url: `/gateway.do?${form(wrong())}` },
      { url: `${site.url}/gateway.do?${form(rest)}`, body: form({ biz_content: content }) },
      { bodyBase64: Buffer.from(form(wrong())).toString('base64') },
    ];
    for (const one of asked) {
      const { status, json: told } = await ask(one);
      expect(status).toBe(200);
      expect(told).toMatchObject({
        verdict: 'mistaken',
        cause: 'sign-type',
        expected: sorted(query()),
        firstDifference: { parameter: 'sign_type', offset: sorted(query()).indexOf('sign_type') },
        advice: expect.stringContaining('sign_type'),
      });
      expect(told.firstDifference.expected.text).toContain('⟦sign_type');
      expect(told.firstDifference.received.hex).toBe(Buffer.from('timestam').toString('hex'));
    }
  });

  it('takes a form as well, and shows a page where a browser asks', async () => {
    const browser = {
      accept: 'text/html,*/*',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const page = await send(site, { url: '/_sim/doctor', method: 'GET', headers: browser });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain('<textarea name="body"');
    const told = await send(site, {
      url: '/_sim/doctor',
      body: form({ kind: '', url: '', body: form(wrong()), text: '', key: '', charset: '' }),
      headers: browser,
    });
    expect(told.text).toContain('sign-type');
    expect(told.text).toContain('First difference: byte');
    // As curl sends a file, and as a browser sends lines.
    const file = form({ body: `${form(wrong())}\n` });
    const curl = await send(site, { url: '/_sim/doctor', body: file });
    expect(JSON.parse(curl.text)).toMatchObject({ verdict: 'mistaken', cause: 'sign-type' });
    const lines = { body: form(wrong()), text: 'one\r\ntwo' };
    const typed = await send(site, { url: '/_sim/doctor', body: form(lines), headers: browser });
    expect(typed.text).not.toContain('one\r\ntwo');
    const machine = await send(site, { url: '/_sim/doctor', method: 'GET' });
    expect(JSON.parse(machine.text).fields).toContain('bodyBase64');
  });

  it('tells a request of an app nobody knows, and nonsense', async () => {
    const { json: told } = await ask({ body: form({ ...wrong(), app_id: '1' }) });
    expect(told).toMatchObject({ verdict: 'mistaken', cause: 'unknown-app' });
    const broken = await send(site, { url: '/_sim/doctor', body: '{', headers: json });
    expect([broken.status, JSON.parse(broken.text).error.field]).toEqual([400, 'body']);
    for (const body of [{}, { body: 7 }, { headers: 'x' }, { kind: 'poem', body: 'x' }]) {
      expect((await ask(body)).status).toBe(200);
    }
  });

  it('refuses private keys in any shape, and repeats none', async () => {
    const pem = site.credentials.merchantPrivateKey;
    const bare = pem.replaceAll(/-----[^-]+-----|\n/g, '');
    const asked = [
      { body: form(wrong()), client: { key: pem } },
      { body: form(wrong()), client: { key: bare } },
      { body: form(wrong()), key: bare },
      { body: form({ ...wrong(), key: bare }) },
      { body: form(wrong()), client: { text: pem.replaceAll('\n', '\\n') } },
      { bodyBase64: Buffer.from(`x=${bare}`).toString('base64') },
      { headers: { 'x-key': bare } },
    ];
    for (const one of asked) {
      const { status, text } = await ask(one);
      expect(status).toBe(400);
      expect(text).toContain('A private key was shown');
      expect(text).not.toContain(bare.slice(40, 80));
    }
    expect(JSON.stringify(site.journal.entries())).not.toContain(bare.slice(40, 80));
    await expect(site.explain({ body: '', client: { key: bare } })).rejects.toThrow('private key');
  });

  it('keeps payment codes and tokens to itself', async () => {
    const code = barcode();
    const fields = common('alipay.trade.pay', site.credentials, {
      ...terms('masked'),
      scene: 'bar_code',
      auth_code: code,
    });
    const encoded = sorted(fields, encodeURIComponent);
    const sign = rsaSign(encoded, site.credentials.merchantPrivateKey);
    const { text, json: told } = await ask({
      body: form({ ...fields, sign }),
      client: { text: encoded },
    });
    expect(told.cause).toBe('encoded');
    expect(text).not.toContain(code);
    await send(site, { body: form({ ...fields, sign }) });
    expect(JSON.stringify(site.journal.entries())).not.toContain(code);
  });
});

describe('the journal', () => {
  it('shows the expected text, the rule and the first differing byte', async () => {
    await send(site, { body: form(wrong()) });
    const note = site.journal.entries({ limit: 1 })[0]?.note ?? '';
    const at = sorted(query()).indexOf('sign_type');
    expect(note).toContain(`Expected: ${sorted(query())}\n`);
    expect(note).toContain('sign_type was left out of the signed text.');
    expect(note).toContain(`First difference: byte ${at}, in sign_type`);
    expect(note).toMatch(/expected 7369676e5f747970 .*⟦sign_type=RSA2/);
    expect(note).toMatch(/received 74696d657374616d .*⟦timestamp=/);
    expect(note).toContain('Advice: ');
  });

  it('explains V3 requests, too', async () => {
    const target = '/v3/alipay/trade/query';
    const body = '{"out_trade_no":"none"}';
    const signedBody = '{"out_trade_no": "none"}';
    const answer = await sendV3(site, { target, body, signedBody });
    expect(answer.status).toBe(401);
    const note = site.journal.entries({ limit: 1 })[0]?.note ?? '';
    expect(note).toContain(
      'The body was signed otherwise than it was sent: blanks after `,` and `:`',
    );
    expect(note).toMatch(/First difference: byte \d+, in the body/);
  });
});

describe('what this simulator really sends', () => {
  it('is genuine: replies in both modes, V3 replies, notifications', async () => {
    const certificates = {
      app_cert_sn: certificateSn(site.credentials.merchantCert),
      alipay_root_cert_sn: rootCertificateSn(site.credentials.rootCert),
    };
    for (const more of [{}, certificates, { sign_type: 'RSA' }, { charset: 'gbk' }]) {
      const fields = signed({ ...query(), ...more }, site.credentials.merchantPrivateKey);
      const { bytes, headers } = await send(site, { body: form(fields) });
      expect(await site.explain({ body: bytes, headers })).toMatchObject({ verdict: 'genuine' });
    }
    const target = '/v3/alipay/trade/query';
    const v3 = await sendV3(site, { target, body: '{"out_trade_no":"none"}' });
    const told = await site.explain({ body: v3.text, headers: v3.headers });
    expect(told.verdict).toBe('genuine');
    const heard = collect(site);
    const fields = common('alipay.trade.pay', site.credentials, {
      ...terms('told'),
      scene: 'bar_code',
      auth_code: barcode(),
    });
    const notified = { ...fields, notify_url: 'http://127.0.0.1/n?mine=1' };
    await send(site, { body: form(signed(notified, site.credentials.merchantPrivateKey)) });
    await site.clock.advance(1_000);
    expect(heard.length).toBe(1);
    const body = heard[0]?.raw ?? '';
    expect(await site.explain({ body })).toMatchObject({ verdict: 'genuine' });
    const mixed = await site.explain({ body: `mine=1&${body}`, url: 'http://127.0.0.1/n?mine=1' });
    expect(mixed).toMatchObject({ verdict: 'mistaken', cause: 'own-parameters' });
  });

  it('is told from what its faults spoil', async () => {
    const right = signed(query(), site.credentials.merchantPrivateKey);
    const reply = async (fault: string) => {
      site.faults.arm({ fault });
      const { bytes, headers } = await send(site, { body: form(right) });
      return site.explain({ body: bytes, headers });
    };
    expect((await reply('bad-signature')).verdict).toBe('forged');
    expect(await reply('foreign-signature')).toMatchObject({
      verdict: 'forged',
      cause: 'stranger-key',
    });
    expect((await reply('unsigned-reply')).verdict).toBe('unsigned');
    expect(await reply('duplicate-node')).toMatchObject({ cause: 'duplicate-node' });
    site.faults.arm({ fault: 'key-rotation' });
    const { text } = await send(site, { body: form(right) });
    const rotated = await site.explain({
      body: text,
      client: { key: site.credentials.platformPublicKey, text: rawNode(text) },
    });
    expect(rotated).toMatchObject({ verdict: 'genuine', cause: 'wrong-certificate' });
  });
});
