/** Known answers: recorded traffic of UnionPay's test gateway, and what the official kits compute. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { secret } from '@polyrail/core';
import { parsePfx } from '@polyrail/kit/keys';
import { parseSm2PrivateKey, parseSm2PublicKey } from '@polyrail/kit/sm2';
import { formEncode } from '@polyrail/simulator';
import { describe, expect, it } from 'vitest';
import { decodeCustomer, pkcs1Open } from '../src/customer.ts';
import { readForm, readNested, readRaw, sortedNames, writeForm } from '../src/form.ts';
import { hashOrder } from '../src/hash-order.ts';
import { pinBlock } from '../src/pin.ts';
import {
  hexDigest,
  keyedSeal,
  rsaHashOf,
  rsaOpens,
  rsaSeal,
  signText,
  sm2Opens,
} from '../src/seal.ts';
import { sm2Hide, sm2Reveal } from '../src/sm2-cipher.ts';
import { writeSm2File } from '../src/sm2-file.ts';
import { fileRow, zmWidths } from '../src/zm.ts';

// biome-ignore lint/suspicious/noExplicitAny: records of many shapes
type Record_ = Record<string, any>;
const path = new URL('vectors/unionpay.json', import.meta.url);
const all = JSON.parse(readFileSync(path, 'utf8')).vectors as Record_[];
const byId = new Map(all.map((one) => [one['id'] as string, one]));
const ofKind = (...kinds: string[]) =>
  all.filter(({ kind }) => kinds.includes(kind)).map((one) => [one['id'] as string, one] as const);

const certificateOf = (id: string) =>
  new X509Certificate(Buffer.from(byId.get(id)?.['derBase64'], 'base64'));
const privateKeyOf = (id: string): KeyObject =>
  createPrivateKey({
    key: Buffer.from(byId.get(id)?.['pkcs8DerBase64'], 'base64'),
    format: 'der',
    type: 'pkcs8',
  });
const keyNamed = (name: string, fields: Record<string, string>): KeyObject => {
  const id = name.split(' ')[0] ?? '';
  if (id.startsWith('pfx.')) return createPublicKey(privateKeyOf(id));
  return new X509Certificate(fields['signPubKeyCert'] ?? '').publicKey;
};

describe('signed messages', () => {
  it.each(
    ofKind(
      ...['signed-request-5.1.0', 'signed-response-5.1.0', 'signed-notification-5.1.0'],
      'signed-request-5.0.0',
    ),
  )('%s', (_id, { fields, signString, innerDigestHex, verifyKey, deterministicResign, raw }) => {
    const hash = rsaHashOf(fields.version);
    expect(signText(fields)).toBe(signString);
    const data = Buffer.from(signString);
    expect(hexDigest(hash, data)).toBe(innerDigestHex);
    const key = keyNamed(verifyKey, fields);
    expect(rsaOpens({ hash, key }, data, fields.signature)).toBe(true);
    const other = Buffer.from(signString.replace(/.$/s, '~'));
    expect(rsaOpens({ hash, key }, other, fields.signature)).toBe(false);
    if (deterministicResign) {
      expect(rsaSeal(hash, privateKeyOf(verifyKey), data)).toBe(fields.signature);
    }
    if (raw === undefined) return;
    const response = raw.includes('respCode') && raw.includes('\r\n');
    expect(response ? readRaw(raw) : readForm(Buffer.from(raw)).fields).toEqual(fields);
  });

  it.each(ofKind('signed-request-5.1.0-key'))('%s', (_id, { fields, secureKey, signature }) => {
    const hash = fields.signMethod === '11' ? 'sha256' : 'sm3';
    const made = keyedSeal(hash, secureKey, Buffer.from(signText(fields)));
    expect(made).toBe(fields.signature ?? signature);
  });

  it.each(ofKind('signed-request-5.1.0-sm2'))('%s', (_id, vector) => {
    const { fields, signString, innerSm3Hex, sm2UserId, signatureRawRSBase64 } = vector;
    expect(signText(fields)).toBe(signString);
    expect(hexDigest('sm3', signString)).toBe(innerSm3Hex);
    const point = byId.get('sm2.keyfile.sample')?.['publicPointHex'];
    const holder = { key: parseSm2PublicKey(point), certId: sm2UserId };
    expect(sm2Opens(holder, Buffer.from(signString), signatureRawRSBase64)).toBe(true);
    const other = { ...holder, certId: '1' };
    expect(sm2Opens(other, Buffer.from(signString), signatureRawRSBase64)).toBe(false);
  });
});

describe('recorded exchanges', () => {
  const exchanges = ofKind('http-exchange-5.1.0');
  const requestKey = (name: string) => createPublicKey(privateKeyOf(name));

  it.each(exchanges)('%s: what was asked', (_id, { requestBody, requestKey: key }) => {
    const { fields, sound } = readForm(Buffer.from(requestBody));
    expect(sound).toBe(true);
    const holder = { hash: 'sha256', key: requestKey(key) } as const;
    const signature = fields['signature'] ?? '';
    expect(rsaOpens(holder, Buffer.from(signText(fields)), signature)).toBe(true);
  });

  it.each(exchanges.filter(([, { responseSigned }]) => responseSigned))(
    '%s: what was answered, and in which order',
    (_id, { responseBody }) => {
      const fields = readRaw(responseBody);
      const key = new X509Certificate(fields['signPubKeyCert'] ?? '').publicKey;
      const data = Buffer.from(signText(fields));
      expect(rsaOpens({ hash: 'sha256', key }, data, fields['signature'] ?? '')).toBe(true);
      const names = Object.keys(fields);
      const last = ['signPubKeyCert', 'signature'];
      const business = [...sortedNames(fields).filter((name) => !last.includes(name)), ...last];
      const edge = fields['certId'] !== undefined;
      expect(names).toEqual(edge ? hashOrder(names) : business);
    },
  );

  it.each(ofKind('notification-body-5.1.0'))('%s', (_id, vector) => {
    const { body, fields, decrypted, channel } = vector;
    expect(readForm(Buffer.from(body)).fields).toEqual(fields);
    // Quirk: the signature comes last from the server, and in its place from the browser.
    const names = channel === 'front' ? sortedNames(fields) : undefined;
    expect(writeForm(fields, 'utf-8', names)).toBe(body);
    const key = new X509Certificate(fields.signPubKeyCert).publicKey;
    const data = Buffer.from(signText(fields));
    expect(rsaOpens({ hash: 'sha256', key }, data, fields.signature)).toBe(true);
    if (decrypted.accNo === undefined) return;
    const own = privateKeyOf('pfx.test.sign.2015');
    expect(pkcs1Open(own, fields.accNo)?.toString()).toBe(decrypted.accNo);
  });
});

describe('secrets', () => {
  it.each(ofKind('rsa-decrypt'))('%s', (_id, { key, ciphertextBase64, plaintext }) => {
    expect(pkcs1Open(privateKeyOf(key), ciphertextBase64)?.toString()).toBe(plaintext);
  });

  it.each(ofKind('customerInfo'))('%s', (_id, vector) => {
    const { key, customerInfoBase64, decodedOuter, decryptedEncryptedInfo } = vector;
    const outer = Buffer.from(customerInfoBase64, 'base64').toString();
    expect(outer).toBe(decodedOuter);
    const open = (text: string) => pkcs1Open(privateKeyOf(key), text)?.toString();
    const inner = readNested(`{${decryptedEncryptedInfo}}`);
    expect(decodeCustomer(customerInfoBase64, 'utf-8', open)).toEqual(inner);
  });

  it.each(ofKind('sm2-encrypt'))('%s', (_id, { plaintext, ciphertextC1C3C2Base64 }) => {
    const sample = byId.get('sm2.keyfile.sample') ?? {};
    const key = parseSm2PrivateKey(sample['privateKeyDHex']);
    const bytes = Buffer.from(ciphertextC1C3C2Base64, 'base64');
    expect(sm2Reveal(key, bytes)?.toString()).toBe(plaintext);
    expect(sm2Reveal(key, bytes.subarray(0, -1))).toBeUndefined();
    const own = sm2Hide(parseSm2PublicKey(sample['publicPointHex']), plaintext);
    expect(own).toHaveLength(bytes.length);
    expect(sm2Reveal(key, own)?.toString()).toBe(plaintext);
  });

  it.each(ofKind('sm2-key-container'))('%s', (_id, vector) => {
    const { privateKeyDHex, certificateDerBase64, password, containerBase64 } = vector;
    const scalar = Buffer.from(privateKeyDHex, 'hex');
    const certificateDer = Buffer.from(certificateDerBase64, 'base64');
    expect(writeSm2File({ scalar, certificateDer, password })).toBe(containerBase64);
  });

  it.each(ofKind('pinblock'))('%s', (_id, { pin, pan, hex }) => {
    expect(pinBlock(pin, pan).toString('hex').toUpperCase()).toBe(hex);
  });
});

describe('certificates', () => {
  it.each(ofKind('certificate'))('%s', (id, { serialHex, certIdDecimal }) => {
    const certificate = certificateOf(id);
    expect(certificate.serialNumber).toBe(serialHex);
    expect(BigInt(`0x${certificate.serialNumber}`).toString()).toBe(certIdDecimal);
  });

  it.each(ofKind('chain'))('%s', (_id, { leaf, middle, root }) => {
    const [end, mid, top] = [leaf, middle, root].map(certificateOf);
    expect(end!.verify(mid!.publicKey) && mid!.verify(top!.publicKey)).toBe(true);
  });

  it.each(ofKind('cn-rule'))('%s', (_id, { cert, expect: part }) => {
    const name = /CN=(.*)/.exec(certificateOf(cert).subject)?.[1] ?? '';
    expect(name.split('@')[2]).toBe(part);
  });

  it.each(ofKind('pfx'))('%s', (_id, { pfxBase64, password, leafDerBase64, pkcs8DerBase64 }) => {
    const { key, certificates } = parsePfx(pfxBase64, secret(password));
    expect(certificates[0]?.raw.toString('base64')).toBe(leafDerBase64);
    const expected = Buffer.from(pkcs8DerBase64, 'base64');
    expect(key.equals(createPrivateKey({ key: expected, format: 'der', type: 'pkcs8' }))).toBe(
      true,
    );
  });
});

describe('texts and files', () => {
  it.each(ofKind('parse'))('%s', (_id, { input, expect: fields }) => {
    expect(input.startsWith('{') ? readNested(input) : readRaw(input)).toEqual(fields);
  });

  it.each(ofKind('linkstring'))('%s', (_id, { fields, expectRaw, expectEncoded }) => {
    expect(signText(fields)).toBe(expectRaw);
    const pairs = sortedNames(fields).map((name) => `${name}=${formEncode(fields[name], 'utf-8')}`);
    expect(pairs.join('&')).toBe(expectEncoded);
  });

  it.each(ofKind('digest'))('%s', (_id, { input, hex }) => {
    expect(hexDigest('sm3', input)).toBe(hex);
  });

  it.each(ofKind('fileContent'))('%s', (_id, { plaintext, fileContentBase64 }) => {
    expect(inflateSync(Buffer.from(fileContentBase64, 'base64')).toString()).toBe(plaintext);
  });

  it.each(ofKind('recon-zm'))('%s: every row at its exact positions', (_id, vector) => {
    const { zmBase64, columnLengths, lineLengthExpected } = vector;
    expect(zmWidths).toEqual(columnLengths);
    const rows = Buffer.from(zmBase64, 'base64').toString('latin1').split('\r\n').filter(Boolean);
    for (const row of rows) {
      expect(row).toHaveLength(lineLengthExpected);
      let at = 0;
      const cells = zmWidths.map((width, index) => {
        const cell = row.slice(at, at + width);
        at += width + 1;
        return [index + 1, cell.trimEnd()] as const;
      });
      expect(fileRow(Object.fromEntries(cells)).toString('latin1')).toBe(`${row}\r\n`);
    }
  });

  it.each(ofKind('app-control-result'))('%s', (_id, { json, verifyKey }) => {
    const key = certificateOf(verifyKey).publicKey;
    const { data, sign } = typeof json === 'string' ? JSON.parse(json) : json;
    expect(rsaOpens({ hash: 'sha1', key }, Buffer.from(data), sign)).toBe(true);
  });
});

it('leaves no kind of record out', () => {
  const covered = [
    ...['signed-request-5.1.0', 'signed-response-5.1.0', 'signed-notification-5.1.0'],
    ...['signed-request-5.0.0', 'signed-request-5.1.0-key', 'signed-request-5.1.0-sm2'],
    ...['http-exchange-5.1.0', 'notification-body-5.1.0', 'rsa-decrypt', 'customerInfo'],
    ...['pinblock', 'certificate', 'chain', 'cn-rule', 'pfx', 'parse', 'linkstring', 'digest'],
    ...['fileContent', 'recon-zm', 'app-control-result'],
    ...['sm2-encrypt', 'sm2-key-container'],
    // Batches, which are not imitated.
    'batch-file',
  ];
  expect(
    [...new Set(all.map(({ kind }) => kind))].filter((kind) => !covered.includes(kind)),
  ).toEqual([]);
});
