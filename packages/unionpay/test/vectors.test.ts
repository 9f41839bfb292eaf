import { Buffer } from 'node:buffer';
import { X509Certificate } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { type Clock, secret } from '@polyrail/core';
import { joinPairs, sortedPairs } from '@polyrail/kit/canonical';
import { pinBlock } from '@polyrail/kit/card';
import {
  certificateFacts,
  chainsTo,
  matches,
  parseCertificate,
  parsePfx,
  parsePrivateKey,
} from '@polyrail/kit/keys';
import { decryptPkcs1 } from '@polyrail/kit/pkcs1';
import { signRsa, verifyRsa } from '@polyrail/kit/rsa';
import { decryptSm2, derSm2Signature, encryptSm2, verifySm2 } from '@polyrail/kit/sm2';
import { parseSm2File } from '@polyrail/kit/sm2-file';
import { openZip } from '@polyrail/kit/zip';
import { describe, expect, it } from 'vitest';
import { settingsOf, type UnionPayConfig } from '../src/config.ts';
import { digestHex, keyedHex } from '../src/digest.ts';
import {
  readForm,
  readNested,
  readPairs,
  readReply,
  signedText,
  writeForm,
} from '../src/envelope.ts';
import { createSeal } from '../src/seal.ts';
import { isPlatformName } from '../src/trust.ts';
import { lineOfRow, type Row, readRows, zm } from '../src/zm.ts';
import { all, fieldsOf, of, pemOf, recorded, text, type Vector, vector } from './vectors.ts';

const clockAt = (instant: string): Clock => ({
  now: () => Date.parse(instant),
  schedule: () => () => {},
});
const sealOf = (config: UnionPayConfig, instant: string) =>
  createSeal(settingsOf(config), { clock: clockAt(instant) });
const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');
const rsaKey = (pfx: string) => parsePrivateKey(text(vector(pfx), 'pkcs8DerBase64'));

describe('published certificates', () => {
  it.each(of('certificate'))('by their certId: %s', (_, one) => {
    const certificate = parseCertificate(text(one, 'derBase64'));
    const facts = certificateFacts(certificate);
    expect(facts.serialDecimal).toBe(one['certIdDecimal']);
    expect(certificate.fingerprint256).toBe(one['fingerprintSha256']);
  });

  it.each(of('chain'))('chain: %s', (_, one) => {
    const [leaf, middle, root] = ['leaf', 'middle', 'root'].map((member) =>
      parseCertificate(pemOf(text(one, member))),
    ) as [X509Certificate, X509Certificate, X509Certificate];
    const { notBefore } = certificateFacts(leaf);
    expect(chainsTo([leaf, middle], [root], notBefore + 1)).toBe(true);
    expect(chainsTo([leaf], [root], notBefore + 1)).toBe(false);
  });

  it.each(of('cn-rule'))('bear the name: %s', (_, one) => {
    const certificate = parseCertificate(pemOf(text(one, 'cert')));
    expect(isPlatformName(certificate, 'test')).toBe(true);
    const isProduction = one['expect'] === '中国银联股份有限公司';
    expect(isPlatformName(certificate, 'production')).toBe(isProduction);
  });

  it.each(of('pfx'))('open with their keys, RC2 ones, too: %s', (_, one) => {
    const opened = parsePfx(text(one, 'pfxBase64'), secret(text(one, 'password')));
    const [own] = opened.certificates as [X509Certificate];
    expect(opened.certificates).toHaveLength(Number(one['certBagCount']));
    expect(own.raw.toString('base64')).toBe(one['leafDerBase64']);
    expect(matches(opened.key, own)).toBe(true);
    expect(certificateFacts(own).serialDecimal).toBe(one['certIdDecimal']);
    expect(rsaKey(one.id).equals(opened.key)).toBe(true);
  });
});

describe('published signatures', () => {
  it.each(of('signed-request-5.1.0'))('of requests, byte for byte: %s', async (_, one) => {
    const fields = fieldsOf(one);
    expect(signedText(fields)).toBe(one['signString']);
    expect(digestHex('sha256', Buffer.from(signedText(fields)))).toBe(one['innerDigestHex']);
    const { sign, certId } = sealOf(
      recorded(text(one, 'verifyKey')),
      '2024-01-05T07:00:00.000Z',
    ).credentials();
    expect(certId).toBe(fields['certId']);
    const signature = one['signature'] ?? fields['signature'];
    await expect(sign(signedText(fields))).resolves.toBe(signature);
    if (typeof one['raw'] !== 'string') return;
    expect(writeForm(fields, 'UTF-8')).toBe(one['raw']);
    expect({ ...readForm(Buffer.from(one['raw'])).message }).toEqual(fields);
  });

  it.each(of('signed-request-5.0.0'))('of 5.0.0: %s', async (_, one) => {
    const fields = fieldsOf(one);
    expect(signedText(fields)).toBe(one['signString']);
    const inner = digestHex('sha1', Buffer.from(signedText(fields)));
    expect(inner).toBe(one['innerDigestHex']);
    const signature = await signRsa('sha1', rsaKey(text(one, 'verifyKey')), inner);
    const published = one['signature'] ?? fields['signature'];
    expect(Buffer.from(signature).toString('base64')).toBe(published);
  });

  it.each(of('signed-request-5.1.0-key'))('with a key: %s', async (_, one) => {
    const fields = fieldsOf(one);
    expect(signedText(fields)).toBe(one['signString']);
    const method = fields['signMethod'] === '11' ? 'sha256' : 'sm3';
    const key = text(one, 'secureKey');
    const signature = keyedHex(method, Buffer.from(signedText(fields)), key);
    expect(signature).toBe(one['signature'] ?? fields['signature']);
    const config = {
      ...recorded(),
      signing: { method, key: secret(key) } as const,
      encryptionCertificate: pemOf('cert.test.enc.2017'),
    };
    const seal = sealOf(config, '2024-01-05T07:00:00.000Z');
    expect(() => seal.requireSigned({ ...fields, signature })).not.toThrow();
    const changed = { ...fields, orderId: '20240101000000002', signature };
    expect(() => seal.requireSigned(changed)).toThrow(/does not fit/);
    const strange = keyedHex(method, Buffer.from(signedText(fields)), `${key}x`);
    for (const wrong of [strange, signature.toUpperCase(), signature.slice(1), '']) {
      expect(() => seal.requireSigned({ ...fields, signature: wrong })).toThrow(/signature/);
    }
  });

  it.each(of('signed-request-5.1.0-sm2'))('with SM2: %s', async (_, one) => {
    const file = vector(text(one, 'keyRef'));
    const { key, certificate } = parseSm2File(
      text(file, 'containerBase64'),
      secret(text(file, 'password')),
    );
    expect(certificate.raw.toString('base64')).toBe(file['certificateDerBase64']);
    expect(key.publicKey.point).toBe(file['publicPointHex']);
    const fields = fieldsOf(one);
    expect(signedText(fields)).toBe(one['signString']);
    const inner = digestHex('sm3', Buffer.from(signedText(fields)));
    expect(inner).toBe(one['innerSm3Hex']);
    const der = derSm2Signature(bytes(text(one, 'signatureRawRSBase64'))) as Uint8Array;
    expect(verifySm2(key.publicKey, inner, der, text(one, 'sm2UserId'))).toBe(true);
    const config: UnionPayConfig = {
      ...recorded(),
      signing: {
        method: 'sm2',
        file: secret(text(file, 'containerBase64')),
        passphrase: secret(text(file, 'password')),
      },
      platformCertificate: certificate.toString(),
      encryptionCertificate: certificate.toString(),
    };
    const seal = sealOf(config, '2024-01-05T07:00:00.000Z');
    const signature = text(one, 'signatureRawRSBase64');
    expect(() => seal.requireSigned({ ...fields, signature })).not.toThrow();
    const { signature: _none, ...unsigned } = await seal.sealFields(fields);
    expect(unsigned['certId']).toBe('69629716832');
    const own = await seal.sealFields(fields);
    expect(() => seal.requireSigned(own)).not.toThrow();
    expect(() => seal.requireSigned({ ...own, orderId: 'another00' })).toThrow(/does not fit/);
  });

  it.each(of('app-control-result'))('of an app: %s', (_, one) => {
    const told = typeof one['json'] === 'string' ? JSON.parse(one['json']) : one['json'];
    const { sign, data } = told as { sign: string; data: string };
    const { publicKey } = parseCertificate(pemOf(text(one, 'verifyKey')));
    const inner = digestHex('sha1', Buffer.from(data));
    expect(verifyRsa('sha1', publicKey, inner, bytes(sign))).toBe(true);
  });
});

describe('recorded answers of UnionPay', () => {
  const changedFirst = (fields: Record<string, string>) => {
    const name = Object.keys(fields).find((one) => one === 'orderId') ?? '';
    return { ...fields, [name]: `${fields[name]}1` };
  };

  it.each(of('signed-response-5.1.0', 'signed-notification-5.1.0'))('verify: %s', (_, one) => {
    const fields = fieldsOf(one);
    const certificate = new X509Certificate(fields['signPubKeyCert'] ?? '');
    const { notBefore, notAfter } = certificateFacts(certificate);
    const seal = sealOf(recorded(), new Date(notBefore + 1000).toISOString());
    expect(() => seal.requireSigned(fields)).not.toThrow();
    expect(() => seal.requireSigned(changedFirst(fields))).toThrow(/does not fit/);
    const late = sealOf(recorded(), new Date(notAfter + 1000).toISOString());
    expect(() => late.requireSigned(fields)).toThrow(/not valid today/);
    if (typeof one['raw'] !== 'string') return;
    const read = one.kind.includes('response')
      ? readReply(Buffer.from(one['raw']), 'UTF-8')
      : readForm(Buffer.from(one['raw'])).message;
    expect({ ...read }).toEqual(fields);
  });

  it.each(of('http-exchange-5.1.0'))('to recorded requests: %s', (_, one) => {
    const body = Buffer.from(text(one, 'responseBody'));
    const seal = sealOf(recorded(), '2018-04-04T09:00:00.000Z');
    if (one['responseSigned'] !== true) {
      expect(() => readReply(body, 'UTF-8')).toThrow(/no message of fields/);
      return;
    }
    const told = readReply(body, 'UTF-8');
    expect(told['respCode']).toBe(one['respCode']);
    expect(told['respMsg']).toBe(one['respMsg']);
    expect(() => seal.requireSigned(told)).not.toThrow();
    const empty = Object.keys(told).filter((name) => told[name] === '');
    const { response } = one['emptyFieldsInSignedString'] as { response: string[] };
    expect(empty.sort()).toEqual([...response].sort());
    if (empty.length === 0) return;
    // What is empty was signed: left out, nothing fits.
    const without = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== ''));
    expect(() => seal.requireSigned(without)).toThrow(/does not fit/);
  });

  it.each(of('http-exchange-5.1.0'))('and the requests themselves: %s', (_, one) => {
    const { message } = readForm(Buffer.from(text(one, 'requestBody')));
    const { signature = '' } = message;
    const [own] = parsePfx(text(vector('pfx.test.sign.2015'), 'pfxBase64'), secret('000000'))
      .certificates as [X509Certificate];
    const inner = digestHex('sha256', Buffer.from(signedText(message)));
    expect(verifyRsa('sha256', own.publicKey, inner, bytes(signature))).toBe(true);
  });

  it.each(of('notification-body-5.1.0'))('pushed: %s', (_, one) => {
    const { message, encoding } = readForm(Buffer.from(text(one, 'body')));
    expect({ ...message }).toEqual(fieldsOf(one));
    const seal = sealOf(recorded(), '2018-04-04T09:00:00.000Z');
    expect(() => seal.requireSigned(message, encoding)).not.toThrow();
    const told = one['decrypted'] as { accNo?: string } | null | undefined;
    if (typeof told?.accNo !== 'string') return;
    expect(seal.reveal(message['accNo'] ?? '')).toBe(told.accNo);
  });
});

describe('published card data', () => {
  it.each(of('rsa-decrypt'))('decrypts: %s', (_, one) => {
    const plain = decryptPkcs1(rsaKey(text(one, 'key')), bytes(text(one, 'ciphertextBase64')));
    expect(Buffer.from(plain).toString()).toBe(one['plaintext']);
  });

  it.each(of('customerInfo'))('reads: %s', (_, one) => {
    const outer = Buffer.from(text(one, 'customerInfoBase64'), 'base64').toString();
    expect(outer).toBe(one['decodedOuter']);
    const hidden = readNested(outer)?.['encryptedInfo'] ?? '';
    const plain = decryptPkcs1(rsaKey(text(one, 'key')), bytes(hidden));
    expect(Buffer.from(plain).toString()).toBe(one['decryptedEncryptedInfo']);
  });

  it.each(of('sm2-encrypt'))('hides with SM2: %s', (_, one) => {
    const file = vector(text(one, 'keyRef'));
    const { key } = parseSm2File(text(file, 'containerBase64'), secret(text(file, 'password')));
    const plain = decryptSm2(key, bytes(text(one, 'ciphertextC1C3C2Base64')), 'plain');
    expect(Buffer.from(plain).toString()).toBe(one['plaintext']);
    const own = encryptSm2(key.publicKey, text(one, 'plaintext'), 'plain');
    expect(own).toHaveLength(bytes(text(one, 'ciphertextC1C3C2Base64')).length);
    expect(Buffer.from(decryptSm2(key, own, 'plain')).toString()).toBe(one['plaintext']);
  });

  it.each(of('pinblock'))('makes a PIN block: %s', (_, one) => {
    const block = pinBlock(text(one, 'pin'), text(one, 'pan'));
    expect(Buffer.from(block).toString('hex').toUpperCase()).toBe(one['hex']);
  });

  it.each(of('sm2-key-container'))('opens a key file: %s', (_, one) => {
    const { certificate } = parseSm2File(
      secret(text(one, 'containerBase64')),
      secret(text(one, 'password')),
    );
    expect(certificateFacts(certificate).serialDecimal).toBe(one['certIdDecimal']);
    expect(() => parseSm2File(text(one, 'containerBase64'), secret('wrong'))).toThrow(/passphrase/);
  });
});

describe('published texts', () => {
  it.each(of('parse'))('parse: %s', (_, one) => {
    const input = text(one, 'input');
    const read = input.startsWith('{') ? readNested(input) : Object.fromEntries(readPairs(input));
    expect({ ...read }).toEqual(one['expect']);
  });

  it.each(of('linkstring'))('link: %s', (_, one) => {
    const fields = fieldsOf(one);
    expect(signedText(fields)).toBe(one['expectRaw']);
    const sorted = Object.fromEntries(sortedPairs(fields));
    expect(writeForm(sorted, 'UTF-8')).toBe(one['expectEncoded']);
    expect(joinPairs(sortedPairs(fields))).toBe(one['expectRaw']);
  });

  it.each(of('digest'))('digest: %s', (_, one) => {
    expect(digestHex('sm3', Buffer.from(text(one, 'input')))).toBe(one['hex']);
  });

  it.each(of('fileContent', 'batch-file'))('unpack: %s', (_, one) => {
    const plain = inflateSync(bytes(text(one, 'fileContentBase64'))).toString();
    expect(plain).toBe(one['plaintext'] ?? one['text']);
  });

  it('read a settlement file at exact positions', async () => {
    const one = vector('file.zm.sample');
    const zip = inflateSync(bytes(text(one, 'fileContentBase64')));
    expect(zip.toString('base64')).toBe(one['zipBase64']);
    const entries = await openZip(zip);
    const entry = entries.find(({ name }) => name === one['zmName']);
    expect(zm.bytes).toBe(one['lineLengthExpected']);
    expect(zm.columns.map(({ start, end }) => end - start)).toEqual(one['columnLengths']);
    const rows: Row[] = [];
    for await (const batch of readRows(zm, entry?.stream() as AsyncIterable<Uint8Array>)) {
      rows.push(...batch);
    }
    expect(rows).toHaveLength(8);
    const published = (
      typeof one['parsedFirstLine'] === 'string'
        ? JSON.parse(one['parsedFirstLine'])
        : one['parsedFirstLine']
    ) as string[];
    expect(zm.columns.map(({ name }) => rows[0]?.[name] ?? '')).toEqual(published);
    expect(lineOfRow(zm, rows[0] ?? {}, '2015-09-05')).toMatchObject({
      kind: 'payment',
      merchantId: '10078087',
      channelId: '201509061122031906248',
      amount: { amount: 476_800, currency: 'CNY' },
      fee: { amount: 2861, currency: 'CNY' },
      direction: 'in',
      occurredAt: '2015-09-06T03:22:03.000Z',
      settledOn: '2015-09-05',
    });
  });
});

it('leaves no kind of vector without a test', () => {
  const tested = new Set([
    ...['certificate', 'chain', 'cn-rule', 'pfx', 'signed-request-5.1.0', 'signed-request-5.0.0'],
    ...['signed-request-5.1.0-key', 'signed-request-5.1.0-sm2', 'app-control-result'],
    ...['signed-response-5.1.0', 'signed-notification-5.1.0', 'http-exchange-5.1.0'],
    ...['notification-body-5.1.0', 'rsa-decrypt', 'customerInfo', 'sm2-encrypt', 'pinblock'],
    ...['sm2-key-container', 'parse', 'linkstring', 'digest', 'fileContent', 'batch-file'],
    'recon-zm',
  ]);
  const left = all.filter(({ kind }: Vector) => !tested.has(kind)).map(({ id }) => id);
  expect(left).toEqual([]);
});
