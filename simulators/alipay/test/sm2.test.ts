/** Requests, answers and notifications signed with SM2. */
import {
  generateSm2KeyPair,
  parseSm2PrivateKey,
  parseSm2PublicKey,
  signSm2,
  verifySm2,
} from '@polyrail/kit/sm2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlipaySite } from '../src/index.ts';
import { certificateSn, rootCertificateSn } from '../src/seal.ts';
import {
  canonical,
  collect,
  common,
  type Fields,
  form,
  rawNode,
  send,
  start,
  terms,
} from './client.ts';

let site: AlipaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const sm2Signed = (
  fields: Fields,
  key = parseSm2PrivateKey(site.credentials.merchantSm2PrivateKey),
) => {
  const sm2Fields = { ...fields, sign_type: 'SM2' };
  const sign = Buffer.from(signSm2(key, canonical(sm2Fields, ['sign']))).toString('base64');
  return { ...sm2Fields, sign };
};

async function exec(method: string, biz: unknown, extra: Fields = {}) {
  const fields = { ...common(method, site.credentials, biz), ...extra };
  const { text } = await send(site, { body: form(sm2Signed(fields)) });
  const sign = /"sign":"([^"]+)"\}$/.exec(text)?.[1] ?? '';
  const raw = rawNode(text);
  return { raw, node: JSON.parse(raw), verifies: verifies(raw, sign) };
}

const verifies = (text: string, sign: string) =>
  verifySm2(
    parseSm2PublicKey(site.credentials.platformSm2PublicKey),
    text,
    Buffer.from(sign, 'base64'),
  );

describe('sign_type=SM2', () => {
  it('is verified and answered with SM2, r and s in DER', async () => {
    const made = await exec('alipay.trade.precreate', terms('s1', '2.00'));
    expect(made.verifies).toBe(true);
    expect(made.node).toMatchObject({ code: '10000', out_trade_no: 's1' });
    const refused = await exec('alipay.trade.query', { out_trade_no: 's1' });
    expect(refused.verifies).toBe(true);
    expect(refused.node).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
  });

  it('signs the notifications of what was asked so', async () => {
    const told = collect(site);
    await exec('alipay.trade.precreate', terms('s2'), { notify_url: 'http://merchant.example/' });
    await site.payer.approve('s2');
    await site.notifier.idle();
    const [{ fields } = { fields: {} as Fields }] = told;
    expect(fields).toMatchObject({ sign_type: 'SM2', trade_status: 'TRADE_SUCCESS' });
    const text = canonical(fields, ['sign', 'sign_type']);
    expect(verifies(text, fields['sign'] ?? '')).toBe(true);
    expect(verifies(`${text}1`, fields['sign'] ?? '')).toBe(false);
  });

  it.each<[string, (fields: Fields) => Fields]>([
    ['of another key', (fields) => sm2Signed(fields, generateSm2KeyPair())],
    ['of another text', (fields) => ({ ...sm2Signed(fields), version: '1.0', format: '' })],
    ['that is no DER', (fields) => ({ ...sm2Signed(fields), sign: 'QUJDRA==' })],
  ])('refuses a signature %s, and says so with SM2', async (_, make) => {
    const fields = common('alipay.trade.query', site.credentials, { out_trade_no: 'x' });
    const { text } = await send(site, { body: form(make(fields)) });
    const raw = rawNode(text);
    expect(JSON.parse(raw)).toMatchObject({ code: '40002', sub_code: 'isv.invalid-signature' });
    expect(verifies(raw, /"sign":"([^"]+)"\}$/.exec(text)?.[1] ?? '')).toBe(true);
  });

  it.each([['bad-signature'], ['foreign-signature'], ['key-rotation']])(
    '%s spoils one answer',
    async (fault) => {
      site.faults.arm({ fault, operation: 'alipay.trade.query' });
      const ask = () => exec('alipay.trade.query', { out_trade_no: 'x' });
      expect((await ask()).verifies).toBe(false);
      expect((await ask()).verifies).toBe(true);
    },
  );

  it('has keys of its own for every merchant', async () => {
    const other = await site.enroll();
    expect(other.merchantSm2PrivateKey).not.toBe(site.credentials.merchantSm2PrivateKey);
    expect(other.platformSm2PublicKey).toBe(site.credentials.platformSm2PublicKey);
    expect(parseSm2PrivateKey(other.merchantSm2PrivateKey).publicKey.point).toHaveLength(130);
  });

  it('is no certificate mode: the certificates here are RSA ones', async () => {
    const refused = await exec(
      'alipay.trade.query',
      { out_trade_no: 'x' },
      {
        app_cert_sn: certificateSn(site.credentials.merchantCert),
        alipay_root_cert_sn: rootCertificateSn(site.credentials.rootCert),
      },
    );
    expect(refused.node).toMatchObject({ sub_code: 'isv.app-cert-not-exist' });
  });
});
