/** Sign method 21: SM2 over SM3, with certificates and ciphers of its own. */
import { createHash, X509Certificate } from 'node:crypto';
import { certificateFacts } from '@polyrail/kit/keys';
import { parseSm2PrivateKey, parseSm2PublicKey, signSm2 } from '@polyrail/kit/sm2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { sm2Opens } from '../src/seal.ts';
import { sm2Hide } from '../src/sm2-cipher.ts';
import { rawSignature } from '../src/sm2-form.ts';
import { certIdOf, type Fields, formBody, head, now, post, signText, start } from './client.ts';

let site: UnionPaySite;
beforeEach(async () => {
  site = await start();
});
afterEach(() => site.stop());

const send = (fields: Fields) => {
  const { merId, sm2CertId, sm2PrivateKey } = site.credentials;
  const whole = { ...head, signMethod: '21', merId, certId: sm2CertId, txnTime: now, ...fields };
  const digest = createHash('sm3').update(signText(whole)).digest('hex');
  const der = signSm2(parseSm2PrivateKey(sm2PrivateKey), digest, sm2CertId);
  const signature = rawSignature(der).toString('base64');
  return post(site, '/gateway/api/backTransReq.do', formBody({ ...whole, signature }));
};
const query = { txnType: '00', txnSubType: '00', bizType: '000000', orderId: 'order0001' };

it('answers with a certificate of the SM2 chain, signed for its own number', async () => {
  const { fields } = await send(query);
  expect(fields).toMatchObject({ respCode: '34', signMethod: '21' });
  const pem = fields['signPubKeyCert'] ?? '';
  const { sm2MiddleCert, sm2RootCert } = site.credentials;
  const [leaf, middle, root] = [pem, sm2MiddleCert, sm2RootCert].map((one) =>
    certificateFacts(new X509Certificate(one)),
  );
  const named = (name: readonly (readonly [string, string])[] = []) => name.at(-1)?.[1];
  expect(named(leaf?.subject)).toBe('041@8310000000083040@中国银联股份有限公司@00016495');
  expect(leaf?.issuer).toEqual(middle?.subject);
  expect(middle?.issuer).toEqual(root?.subject);
  expect(leaf?.signatureAlgorithmOid).toBe('1.2.156.10197.1.501');
  const key = parseSm2PublicKey(pem);
  const holder = { key, certId: certIdOf(pem) };
  const { signature = '' } = fields;
  expect(sm2Opens(holder, Buffer.from(signText(fields)), signature)).toBe(true);
  expect(sm2Opens({ key, certId: '1' }, Buffer.from(signText(fields)), signature)).toBe(false);
});

it('believes no SM2 signature over another text', async () => {
  const { merId, sm2CertId } = site.credentials;
  const signature = Buffer.alloc(64, 1).toString('base64');
  const whole = { ...head, ...query, signMethod: '21', merId, certId: sm2CertId, txnTime: now };
  const { fields } = await post(site, '/', formBody({ ...whole, signature }));
  expect(fields['respCode']).toBe('11');
});

it('opens what was encrypted for its SM2 certificate, which it hands out', async () => {
  const asked = { txnType: '95', txnSubType: '00', bizType: '000000', orderId: 'cert00001' };
  const { encryptPubKeyCert: pem = '' } = (await send({ ...asked, certType: '01' })).fields;
  expect(certIdOf(pem)).toBe(certIdOf(site.credentials.sm2EncryptCert));
  const accNo = sm2Hide(parseSm2PublicKey(pem), '6216261000000000018').toString('base64');
  const card = { txnType: '78', txnSubType: '00', bizType: '000301', orderId: 'card00001' };
  const told = await send({ ...card, accNo, encryptCertId: certIdOf(pem) });
  expect(told.fields).toMatchObject({ respCode: '00', activateStatus: '0' });
  const damaged = `${accNo.slice(0, -8)}AAAAAAA=`;
  const refused = await send({ ...card, accNo: damaged, encryptCertId: certIdOf(pem) });
  expect(refused.fields['respMsg']).toBe('[9100003]Invalid field[accNo]');
});
