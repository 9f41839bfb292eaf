/** Certificates that take each other's place, and how a client learns of it. */
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import {
  barcode,
  call,
  collect,
  common,
  type Fields,
  form,
  notificationVerifies,
  rawNode,
  send,
  signed,
  start,
  terms,
  verifiedBy,
} from './client.ts';
import { callV3, sendV3, usualPairs, v3Verifies } from './v3-client.ts';

let site: AlipaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const firstSn = () => certificateSn(site.credentials.platformCert);
const sns = (): Fields => ({
  app_cert_sn: certificateSn(site.credentials.merchantCert),
  alipay_root_cert_sn: rootCertificateSn(site.credentials.rootCert),
});

/** A call in certificate mode: the SN of its answer, and whether that certificate signed it. */
async function inCertificateMode(method: string, biz: unknown, extra: Fields = {}) {
  const fields = { ...common(method, site.credentials, biz), ...sns(), ...extra };
  const body = form(signed(fields, site.credentials.merchantPrivateKey));
  const { text } = await send(site, { body });
  const sn = /"alipay_cert_sn":"([0-9a-f]{32})"/.exec(text)?.[1] ?? '';
  return { text, sn, node: JSON.parse(rawNode(text)) };
}
const query = () => inCertificateMode('alipay.trade.query', { out_trade_no: 'x' });

/** What a client does that meets an unknown SN. */
async function download(sn: string): Promise<string> {
  const node = await call(site, 'open.app.alipaycert.download', { alipay_cert_sn: sn });
  return Buffer.from(node['alipay_cert_content'], 'base64').toString();
}
const keyOf = (pem: string): string =>
  new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' }) as string;

describe('key-rotation in certificate mode', () => {
  it('lasts: a further certificate of the same root signs from then on', async () => {
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const [struck, next] = [await query(), await query()];
    expect(struck.sn).not.toBe(firstSn());
    expect(next.sn).toBe(struck.sn);
    const pem = await download(struck.sn);
    expect(certificateSn(pem)).toBe(struck.sn);
    const root = new X509Certificate(site.credentials.rootCert);
    expect(new X509Certificate(pem).verify(root.publicKey)).toBe(true);
    for (const { text } of [struck, next]) {
      expect(verifiedBy(text, keyOf(pem))).toBe(true);
      expect(verifiedBy(text, site.credentials.platformPublicKey)).toBe(false);
    }
  });

  it('may happen again and again; what signed before stays downloadable', async () => {
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query', times: 3 });
    const seen = [firstSn()];
    for (let index = 0; index < 3; index += 1) seen.push((await query()).sn);
    expect(new Set(seen).size).toBe(4);
    for (const sn of seen) expect(certificateSn(await download(sn))).toBe(sn);
    expect((await query()).sn).toBe(seen.at(-1));
  });

  it('is told by discovery, which hands out the newest', async () => {
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const { sn } = await query();
    const found = site.discovery({ mode: 'cert' }) as { platformCert: string };
    expect(certificateSn(found.platformCert)).toBe(sn);
  });

  it('reaches the download itself, in certificate mode', async () => {
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const { sn } = await query();
    const method = 'alipay.open.app.alipaycert.download';
    const answer = await inCertificateMode(method, { alipay_cert_sn: sn });
    expect(answer.sn).toBe(sn);
    const pem = Buffer.from(answer.node['alipay_cert_content'], 'base64').toString();
    expect(verifiedBy(answer.text, keyOf(pem))).toBe(true);
  });

  it('is also the key of notifications of what was asked in certificate mode', async () => {
    const told = collect(site);
    const extra = { notify_url: 'http://merchant.example/' };
    const pay = (id: string) => ({ ...terms(id), scene: 'bar_code', auth_code: barcode() });
    await inCertificateMode('alipay.trade.pay', pay('n1'), extra);
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const { sn } = await query();
    await inCertificateMode('alipay.trade.pay', pay('n2'), extra);
    await call(site, 'trade.pay', pay('n3'), { extra });
    await site.notifier.idle();
    const next = keyOf(await download(sn));
    const { platformPublicKey: first } = site.credentials;
    const judged = told.map(({ fields }) => [
      fields['out_trade_no'],
      notificationVerifies(fields, first),
      notificationVerifies(fields, next),
    ]);
    expect(judged).toEqual([
      ['n1', true, false],
      ['n2', false, true],
      ['n3', true, false],
    ]);
  });

  it('may strike a notification first', async () => {
    const told = collect(site);
    site.faults.arm({ fault: 'key-rotation', operation: 'trade_status_sync' });
    const pay = { ...terms('n4'), scene: 'bar_code', auth_code: barcode() };
    await inCertificateMode('alipay.trade.pay', pay, { notify_url: 'http://merchant.example/' });
    await site.notifier.idle();
    const { sn } = await query();
    expect(sn).not.toBe(firstSn());
    expect(notificationVerifies(told[0]?.fields ?? {}, keyOf(await download(sn)))).toBe(true);
  });

  it('ends with a reset', async () => {
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    await query();
    await site.reset();
    expect((await query()).sn).toBe(firstSn());
  });

  it('over V3 is named by alipay-sn, and downloaded there by either verb', async () => {
    const pairs = [...usualPairs(site), ['app_cert_sn', sns()['app_cert_sn'] ?? ''] as const];
    const headers = { 'alipay-root-cert-sn': sns()['alipay_root_cert_sn'] ?? '' };
    const ask = () =>
      sendV3(site, {
        target: '/v3/alipay/trade/query',
        body: '{"out_trade_no":"x"}',
        pairs,
        headers,
      });
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const [struck, next] = [await ask(), await ask()];
    const sn = struck.headers['alipay-sn'] ?? '';
    expect(sn).not.toBe(firstSn());
    expect(next.headers['alipay-sn']).toBe(sn);
    const path = 'open/app/alipaycert/download';
    const posted = await callV3(site, path, { alipay_cert_sn: sn });
    const got = await sendV3(site, {
      verb: 'GET',
      target: `/v3/alipay/${path}?alipay_cert_sn=${sn}`,
    });
    expect(JSON.parse(got.text).alipay_cert_content).toBe(posted['alipay_cert_content']);
    const pem = Buffer.from(posted['alipay_cert_content'], 'base64').toString();
    for (const answer of [struck, next]) expect(v3Verifies(answer, keyOf(pem))).toBe(true);
    expect(await callV3(site, path, { alipay_cert_sn: 'x' })).toMatchObject({
      status: 400,
      code: 'alipay-cert-not-exist',
    });
  });
});

describe('key-rotation in key mode', () => {
  it('spoils what it strikes: nothing could announce another key', async () => {
    site.faults.arm({ fault: 'key-rotation', operation: 'alipay.trade.query' });
    const fields = common('alipay.trade.query', site.credentials, { out_trade_no: 'x' });
    const body = form(signed(fields, site.credentials.merchantPrivateKey));
    const seen = [];
    for (let index = 0; index < 2; index += 1) {
      const { text } = await send(site, { body });
      seen.push(verifiedBy(text, site.credentials.platformPublicKey));
    }
    expect(seen).toEqual([false, true]);
    expect((await query()).sn).toBe(firstSn());
  });
});
