import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseCertificates } from '@polyrail/kit/keys';
import { describe, expect, it } from 'vitest';
import { serialOf } from '../src/certificates.ts';
import {
  certificate,
  certificateConfig,
  certificates,
  gateway,
  type Heard,
  order,
  payment,
  platform,
  push,
  signText,
  success,
  thrown,
  trade,
} from './gateway.ts';

const download = 'alipay.open.app.alipaycert.download';
const successor = generateKeyPairSync('rsa', { modulusLength: 2048 });
const serialNumberOf = (pem: string): string => serialOf(parseCertificates(pem)[0]!);
const renewed = (overrides: object = {}, subject = 'Platform'): string =>
  certificate(subject, successor.publicKey, { serial: 9n, ...overrides });

const node = JSON.stringify(
  success({ ...trade, trade_status: 'TRADE_SUCCESS', total_amount: '9.00' }),
);

/** A reply that names a certificate and is signed by any key. */
const signedBy = (key: KeyObject, serial: string, name = 'alipay_trade_query', text = node) => ({
  raw: `{"${name}_response":${text},"alipay_cert_sn":"${serial}","sign":"${signText(text, key)}"}`,
});

interface Change {
  readonly pem?: string;
  /** Who signs the reply with the certificate. */
  readonly by?: KeyObject;
  readonly content?: string;
}

/** A gateway that signs with the renewed certificate, and hands it out. */
function rotated({ pem = renewed(), by = successor.privateKey, content }: Change = {}) {
  const serial = serialNumberOf(pem);
  return gateway(({ method }: Heard) => {
    if (method !== download) return signedBy(successor.privateKey, serial);
    const told = { alipay_cert_content: content ?? Buffer.from(pem).toString('base64') };
    return signedBy(
      by,
      serial,
      'alipay_open_app_alipaycert_download',
      JSON.stringify(success(told)),
    );
  });
}
const downloadsOf = ({ heard }: { heard: readonly Heard[] }) =>
  heard.filter(({ method }) => method === download);

describe('a reply signed with another certificate', () => {
  it('is believed once that certificate was had and trusted, and asked for once', async () => {
    const site = rotated();
    const channel = site.channel(certificateConfig);
    for (let count = 0; count < 3; count += 1) {
      expect((await channel.query(payment)).status).toBe('succeeded');
    }
    expect(downloadsOf(site)).toHaveLength(1);
    expect(downloadsOf(site)[0]?.content).toEqual({ alipay_cert_sn: serialNumberOf(renewed()) });
  });

  it('is believed when the certificate came signed with the former one', async () => {
    const site = rotated({ by: platform.privateKey });
    expect((await site.channel(certificateConfig).query(payment)).status).toBe('succeeded');
  });

  it('makes many calls at once ask once', async () => {
    const site = rotated();
    const channel = site.channel(certificateConfig);
    const answers = await Promise.all(Array.from({ length: 8 }, () => channel.query(payment)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    expect(downloadsOf(site)).toHaveLength(1);
  });

  it('leaves the former certificate good', async () => {
    const serials = [serialNumberOf(renewed()), serialNumberOf(certificates.platform)];
    const keys = [successor.privateKey, platform.privateKey];
    let turn = 0;
    const site = gateway(({ method }) => {
      if (method === download) {
        const told = { alipay_cert_content: Buffer.from(renewed()).toString('base64') };
        const text = JSON.stringify(success(told));
        return signedBy(keys[0]!, serials[0]!, 'alipay_open_app_alipaycert_download', text);
      }
      turn += 1;
      return signedBy(keys[turn % 2]!, serials[turn % 2]!);
    });
    const channel = site.channel(certificateConfig);
    for (let count = 0; count < 4; count += 1) {
      expect((await channel.query(payment)).status).toBe('succeeded');
    }
  });

  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
  it.each([
    ['was issued to an application', { pem: renewed({}, 'Merchant') }],
    ['does not chain to the roots', { pem: renewed({ issuerKey: stranger.privateKey }) }],
    ['has expired', { pem: renewed({ notAfter: 0 }) }],
    ['is another one', { content: Buffer.from(certificates.platform).toString('base64') }],
    ['is none', { content: 'AAAA' }],
    ['is missing', { content: '' }],
    ['came in a reply that nobody known signed', { by: stranger.privateKey }],
  ])('is not believed when that certificate %s', async (_what, change) => {
    const site = rotated(change);
    const channel = site.channel(certificateConfig);
    const error = await thrown(channel.query(payment));
    expect(error).toMatchObject({ code: 'REPLY_UNVERIFIED', doubt: 'unverified-reply' });
    expect(error.message).toMatch(/names another Alipay certificate|not Alipay's over these bytes/);
    const paid = await channel.pay({ ...order, scene: 'barcode', authCode: '281234567890123456' });
    expect(paid.status).toBe('unknown');
  });

  it('is not asked for without end', async () => {
    let count = 0;
    const site = gateway(({ method }) => {
      if (method === download) return success({});
      count += 1;
      return signedBy(successor.privateKey, String(count).padStart(32, '0'));
    });
    const channel = site.channel(certificateConfig);
    for (let turn = 0; turn < 12; turn += 1) await thrown(channel.query(payment));
    expect(downloadsOf(site)).toHaveLength(5);
  });

  it('is not asked for by a serial number that is none', async () => {
    const site = gateway(() => signedBy(successor.privateKey, '../x'));
    await thrown(site.channel(certificateConfig).query(payment));
    expect(downloadsOf(site)).toHaveLength(0);
  });

  it('without the certificate in reach leaves a payment unknown', async () => {
    const site = gateway(({ method }) =>
      method === download
        ? new Error('no road')
        : signedBy(successor.privateKey, 'a'.repeat(32), 'alipay_trade_pay'),
    );
    const paid = await site
      .channel(certificateConfig)
      .pay({ ...order, scene: 'barcode', authCode: '281234567890123456' });
    expect(paid).toMatchObject({ status: 'unknown', doubt: 'unverified-reply' });
  });

  it('in key mode is verified with the configured key, whatever it names', async () => {
    const site = gateway(() => signedBy(platform.privateKey, 'a'.repeat(32)));
    expect((await site.channel().query(payment)).status).toBe('succeeded');
  });
});

describe('a notification signed with another certificate', () => {
  it('is believed once a reply made that certificate known', async () => {
    const site = rotated();
    const channel = site.channel({ ...certificateConfig, sellerId: '2088000000000001' });
    const message = push({}, { key: successor.privateKey });
    expect((await thrown(channel.receive(message))).code).toBe('NOTIFICATION_UNVERIFIED');
    await channel.query(payment);
    expect((await channel.receive(message)).facts[0]?.status).toBe('succeeded');
  });

  it('that names the certificate has it fetched', async () => {
    const site = rotated();
    const channel = site.channel({ ...certificateConfig, sellerId: '2088000000000001' });
    const serial = serialNumberOf(renewed());
    const message = push({ alipay_cert_sn: serial }, { key: successor.privateKey });
    expect((await channel.receive(message)).facts[0]?.status).toBe('succeeded');
    const forged = push({ alipay_cert_sn: 'f'.repeat(32) }, { key: successor.privateKey });
    expect((await thrown(channel.receive(forged))).code).toBe('NOTIFICATION_UNVERIFIED');
  });
});
