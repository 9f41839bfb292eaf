/** The doctor asked over its control route and in process, and what the journal keeps of him. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import { authorization, type Fields, send, signedSend, start } from './client.ts';
import { named } from './doctor-client.ts';
import { post, signed, signOf, stringA, xml } from './v2-client.ts';

let site: WechatPaySite;
beforeAll(async () => {
  site = await start();
});
afterAll(() => site.stop());

const target = '/v3/pay/transactions/out-trade-no/a/close';
const body = '{"mchid":"1", "a":1}';
const path = '/_sim/doctor';

/** A request whose body was written anew before it was signed. */
function wrong(): Fields {
  const sent = { method: 'POST', target, body };
  return { authorization: authorization(site, sent, { signedBody: '{"mchid":"1","a":1}' }) };
}

const json = { 'content-type': 'application/json' };
const ask = async (asked: object) => {
  const answer = await send(site, { target: path, body: JSON.stringify(asked), headers: json });
  return { ...answer, told: JSON.parse(answer.text) };
};
const form = (fields: Fields): string => new URLSearchParams(fields).toString();

const v2Wrong = (): Fields => {
  const { sign: _, ...fields } = signed(site.credentials, { out_trade_no: 'o', attach: 'a' });
  const text = `${stringA(fields)}&key=${site.credentials.apiV3Key}`;
  return { ...fields, sign: createHash('md5').update(text).digest('hex').toUpperCase() };
};

describe('the control route', () => {
  it('explains requests of both protocols', async () => {
    const request = { kind: 'request', method: 'POST', url: target, headers: wrong(), body };
    for (const one of [
      request,
      { ...request, kind: undefined, url: `${site.url}${target}` },
      { ...request, body: undefined, bodyBase64: Buffer.from(body).toString('base64') },
      { ...request, headers: `Authorization: ${wrong()['authorization']}` },
    ]) {
      const { status, told } = await ask(one);
      expect(status).toBe(200);
      expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['body-rewritten'] });
      expect(told.firstDifference).toMatchObject({ parameter: 'the body' });
      expect(told.firstDifference.expected.text).toContain('⟦ "a"');
      expect(told.advice).toContain('once');
    }
    const { told } = await ask({ body: xml(v2Wrong()) });
    expect(named(told)).toEqual({ verdict: 'mistaken', causes: ['wrong-key'] });
    expect(told.expected).toContain('&key=[redacted]');
  });

  it('reads queries of pages, and knows the one signature of some paths', async () => {
    const { sign: _, ...fields } = signed(site.credentials, { plan_id: '1', version: '1.0' }, {});
    const text = `${stringA(fields)}&key=${site.credentials.apiV3Key}`;
    const sign = createHash('md5').update(text).digest('hex').toUpperCase();
    const url = `/papay/entrustweb?${form({ ...fields, sign })}`;
    expect((await ask({ url })).told.cause).toBe('wrong-key');
    const transfer = { ...fields, mchid: fields['mch_id'] ?? '', sign_type: 'HMAC-SHA256' };
    const hmac = signOf(transfer, site.credentials.apiKey, 'HMAC-SHA256');
    const asked = {
      url: '/mmpaymkttransfers/promotion/transfers',
      body: xml({ ...transfer, sign: hmac }),
    };
    expect((await ask(asked)).told.cause).toBe('digest');
  });

  it('explains answers of both protocols, by their headers and words', async () => {
    const answer = await signedSend(site, { target: '/v3/certificates' });
    const { told } = await ask({ headers: answer.headers, body: answer.text });
    expect(told.rule).toContain('The reply is genuine');
    const key = site.credentials.merchantCert;
    const own = await ask({ headers: answer.headers, body: answer.text, client: { key } });
    expect(own.told.cause).toBe('own-key');
    const v2 = await post(site, '/pay/orderquery', signed(site.credentials, { out_trade_no: 'x' }));
    const reply = await ask({ body: v2.text });
    expect(reply.told.rule).toContain('The reply is genuine');
  });

  it('takes a form as well, and shows a page where a browser asks', async () => {
    const browser = {
      accept: 'text/html,*/*',
      'content-type': 'application/x-www-form-urlencoded',
    };
    const page = await send(site, { method: 'GET', target: path, headers: browser });
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.text).toContain('<textarea name="headers"');
    const headers = `Authorization: ${wrong()['authorization']}\r\nAccept: */*`;
    const filled = form({ kind: '', url: target, headers, body, text: '', key: '' });
    const told = await send(site, { target: path, body: filled, headers: browser });
    expect(told.text).toContain('body-rewritten');
    expect(told.text).toContain('First difference: byte');
    const machine = await send(site, { method: 'GET', target: path });
    expect(machine.json['fields']).toContain('bodyBase64');
  });

  it('refuses private keys, repeats none, and survives nonsense', async () => {
    const { merchantPrivateKey } = site.credentials;
    const bare = merchantPrivateKey.replaceAll(/-----[^-]+-----|\n/g, '');
    for (const key of [merchantPrivateKey, bare]) {
      const { status, text } = await ask({ url: target, headers: wrong(), body, client: { key } });
      expect(status).toBe(400);
      expect(text).toContain('A private key was shown');
      expect(text).not.toContain(bare.slice(40, 80));
    }
    expect(JSON.stringify(site.journal.entries())).not.toContain(bare.slice(40, 80));
    for (const one of [
      {},
      { body: 7 },
      { headers: 'x' },
      { kind: 'poem', body: '<' },
      { body: '<xml' },
    ]) {
      expect((await ask(one)).status).toBe(200);
    }
    const broken = await send(site, { target: path, body: '{', headers: json });
    expect(broken.status).toBe(400);
    await expect(site.explain({ body: bare })).rejects.toThrow('private key');
  });
});

describe('the journal', () => {
  const note = () => site.journal.entries().at(-1)?.note;

  it('says why a request of v3 was refused', async () => {
    const answer = await send(site, { target, body, headers: wrong() });
    expect(answer.status).toBe(401);
    expect(note()).toMatch(/^Expected: "POST\\n/);
    expect(note()).toContain('The body was signed otherwise than it was sent');
    expect(note()).toMatch(/First difference: byte \d+, in the body/);
    expect(note()).toContain('Advice: Turn the object into text once');
  });

  it.each<[string, Parameters<typeof authorization>[2], RegExp]>([
    ['stale time', { timestamp: 1_000_000_000 }, /The timestamp is \d+ s from now/],
    ['time in milliseconds', { timestamp: 1_790_000_000_000 }, /sent in milliseconds/],
    ['serial number', { serial: 'ABC' }, /serial_no names a certificate/],
    ['nobody', { mchid: '1' }, /No merchant here is called 1/],
  ])('says what the header has wrong: %s', async (_, signing, how) => {
    const answer = await signedSend(site, { target: '/v3/certificates' }, signing);
    expect(answer.status).toBe(401);
    expect(note()).toMatch(how);
  });

  it('says that there is no Authorization', async () => {
    await send(site, { target: '/v3/certificates' });
    expect(note()).toContain('There is no Authorization header');
  });

  it('says why a request of v2 was refused, and shows no key', async () => {
    const answer = await post(site, '/pay/orderquery', v2Wrong());
    expect(answer.fields['return_msg']).toBe('签名错误');
    expect(note()).toContain('the APIv3 key');
    expect(note()).toContain('&key=[redacted]');
    expect(note()).not.toContain(site.credentials.apiKey);
    expect(note()).not.toContain(site.credentials.apiV3Key);
    await send(site, { target: '/pay/orderquery', body: '<xml><a></xml>' });
    expect(note()).toContain('This is no flat XML document');
  });

  it('a signature in lower case is taken', async () => {
    const fields = signed(site.credentials, { out_trade_no: 'order_1' });
    const lower = { ...fields, sign: (fields['sign'] ?? '').toLowerCase() };
    const answer = await post(site, '/pay/orderquery', lower);
    expect(answer.fields['err_code']).toBe('ORDERNOTEXIST');
  });
});
