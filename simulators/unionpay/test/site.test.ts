/** Starting, discovery, credentials, the journal, the book. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { secret } from '@polyrail/core';
import { parsePfx } from '@polyrail/kit/keys';
import { mountInProcess } from '@polyrail/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { startUnionPay, type Truth, type UnionPaySite, unionPaySimulator } from '../src/index.ts';
import { call, certIdOf, hide, now, paid, payOnPage, start } from './client.ts';

let site: UnionPaySite;
afterEach(() => site.stop());

// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
type Json = Record<string, any>;

describe('discovery', () => {
  it('has exactly the agreed names, and keys that belong together', async () => {
    site = await startUnionPay({ shareKeys: true });
    const found = (await (await fetch(`${site.url}/_sim/discovery`)).json()) as Json;
    expect(Object.keys(found).sort()).toEqual(
      [
        ...['channel', 'baseUrl', 'gatewayPath', 'fileTransUrl', 'merId', 'merchantPrivateKey'],
        ...['merchantCert', 'merchantPfxBase64', 'merchantPfxPassword', 'rootCert', 'middleCert'],
        ...['encryptCert', 'platformCert', 'billDate', 'control'],
      ].sort(),
    );
    expect(found).toMatchObject({
      channel: 'unionpay',
      baseUrl: site.url,
      gatewayPath: '/gateway/api',
      fileTransUrl: `${site.url}/`,
      merchantPfxPassword: '000000',
    });
    expect(Object.keys(found['control']).sort()).toEqual(['decline', 'pay', 'settle']);
    const own = new X509Certificate(found['merchantCert']);
    const derived = createPublicKey(createPrivateKey(found['merchantPrivateKey']));
    expect(own.publicKey.equals(derived)).toBe(true);
    const pfx = parsePfx(found['merchantPfxBase64'], secret('000000'));
    expect(pfx.key.equals(createPrivateKey(found['merchantPrivateKey']))).toBe(true);
    expect(pfx.certificates.map(({ subject }) => /CN=(.*)/.exec(subject)?.[1])).toEqual([
      `041@Z2014-11-11@${found['merId']}:SIGN@00000001`,
      'Polyrail Simulator OCA1',
      'Polyrail Simulator CS CA',
    ]);
  });

  it('names a chain of certificates as clients check it', async () => {
    site = await start();
    const { rootCert, middleCert, platformCert, encryptCert } = site.credentials;
    const [root, middle, leaf, encrypting] = [rootCert, middleCert, platformCert, encryptCert].map(
      (pem) => new X509Certificate(pem),
    );
    expect([root!.ca, middle!.ca, leaf!.ca]).toEqual([true, true, false]);
    expect(middle!.checkIssued(root!) && middle!.verify(root!.publicKey)).toBe(true);
    for (const one of [leaf!, encrypting!]) {
      expect(one.checkIssued(middle!) && one.verify(middle!.publicKey)).toBe(true);
      expect(Number.isSafeInteger(Number(certIdOf(one.toString())))).toBe(true);
    }
    expect(leaf!.subject).toBe(
      'C=cn\nO=CFCA OCA1\nOU=Local RA OCA1\nOU=Enterprises\n' +
        'CN=041@8310000000083040@中国银联股份有限公司@00016495',
    );
  });

  it('tells how to pay, to decline and to settle', async () => {
    site = await startUnionPay({ shareKeys: true, startAt: Date.parse('2026-11-24T07:15:09Z') });
    const { control, billDate } = site.discovery() as Json;
    const act = async (name: string, values: Record<string, string>) => {
      const { method, url, headers, body } = control[name];
      const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, one) => values[one] ?? '');
      return (await fetch(fill(url), { method, headers, body: fill(body) })).status;
    };
    await payOnPage(site, 'order0001');
    await payOnPage(site, 'order0002');
    expect(await act('pay', { tradeNo: 'order0001', txnTime: '20261124000000' })).toBe(404);
    expect(await act('pay', { tradeNo: 'order0001', txnTime: now })).toBe(200);
    expect(await act('decline', { tradeNo: 'order0002' })).toBe(200);
    expect(billDate).toBe('2026-11-24');
    expect(await act('settle', { date: billDate })).toBe(200);
    expect(await act('settle', { date: '2199-01-01' })).toBe(409);
    expect(await act('pay', { tradeNo: 'nobody' })).toBe(404);
    expect(await act('pay', { tradeNo: 'order0002' })).toBe(409);
    expect(site.book('order0001')).toMatchObject({ debits: 1 });
  });
});

describe('a site', () => {
  it('replays a run from its seed', async () => {
    const run = async () => {
      site = await start({ seed: 99 });
      const { merId, secureKey } = site.credentials;
      const { queryId } = await paid(site, 'order0001');
      await site.stop();
      return [merId, secureKey, queryId];
    };
    expect(await run()).toEqual(await run());
  });

  it('forgets everything but keys and merchants', async () => {
    site = await start();
    const before = site.credentials;
    await paid(site, 'order0001');
    await site.reset();
    expect(site.book('order0001')).toBeUndefined();
    expect((site.book() as Json)['orders']).toEqual([]);
    expect(site.credentials.platformCert).toBe(before.platformCert);
    expect((await paid(site, 'order0001'))['origRespCode']).toBe('00');
  });

  it('keeps merchants apart', async () => {
    site = await start();
    const other = await site.enroll();
    expect(other.merId).not.toBe(site.credentials.merId);
    await paid(site, 'order0001');
    const asked = { txnType: '31', txnSubType: '00', bizType: '000201', orderId: 'undo00001' };
    const { queryId = '' } = await paid(site, 'order0002');
    const undo = { ...asked, origQryId: queryId, txnAmt: '1000', backUrl: 'http://m.invalid/' };
    expect((await call(site, 'back', undo, other)).fields['respCode']).toBe('35');
    const truth: Truth | undefined = site.book('order0001', other.merId);
    expect(truth).toBeUndefined();
  });

  it('has a factory for mounts, and shows its book to people', async () => {
    const bare = await mountInProcess(unionPaySimulator({ shareKeys: true }), { seed: 1 });
    expect(bare.channel).toBe('unionpay');
    await bare.stop();
    site = await start();
    await payOnPage(site, 'order0001');
    const reply = await site.transport.exchange({
      method: 'GET',
      url: `${site.url}/_sim/`,
      headers: {},
    });
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toContain('/_sim/cashier?ticket=');
  });

  it('rotates its certificates, also when told by a request', async () => {
    site = await start();
    const before = site.credentials;
    const url = `${site.url}/_sim/rotate`;
    const reply = await site.transport.exchange({ method: 'POST', url, headers: {}, body: '' });
    expect(reply.status).toBe(200);
    const after = site.credentials;
    expect(after.platformCert).not.toBe(before.platformCert);
    const query = { txnType: '95', txnSubType: '00', bizType: '000000', orderId: 'cert00001' };
    const { fields } = await call(site, 'back', { ...query, certType: '01' });
    expect(certIdOf(fields['encryptPubKeyCert'] ?? '')).toBe(certIdOf(after.encryptCert));
    expect(fields['encryptPubKeyCert']).toContain('\r\n');
    const accNo = hide('6216261000000000018', before.encryptCert);
    const old = { accNo, encryptCertId: certIdOf(before.encryptCert) };
    expect((await payOnPage(site, 'order0001', old)).status).toBe(302);
    await site.reset();
    expect(site.credentials.platformCert).toBe(before.platformCert);
  });

  it('writes no card number and no key into the journal', async () => {
    site = await start();
    await payOnPage(site, 'order0001', { accNo: '6216261000000000018' });
    await site.payer.approve('order0001');
    const text = JSON.stringify(site.journal.entries());
    expect(text).toContain('payments.create');
    expect(text).not.toContain('6216261000000000018');
    expect(text).not.toContain('BEGIN CERTIFICATE');
  });
});
