import { generateKeyPairSync } from 'node:crypto';
import { type PolyrailError, secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { type AlipayConfig, checkAlipayConfig, createAlipay } from '../src/index.ts';
import {
  certificate,
  certificateConfig,
  certificates,
  clock,
  gateway,
  keyConfig,
  merchant,
  nowMs,
  order,
  payment,
  pem,
  platform,
  push,
  rootPem,
  signText,
  stranger,
  success,
  thrown,
} from './gateway.ts';

const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const curve = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

const refused = (change: object, base: AlipayConfig = keyConfig): PolyrailError => {
  try {
    createAlipay({ ...base, ...change } as AlipayConfig);
  } catch (error) {
    return error as PolyrailError;
  }
  throw new Error('It was accepted');
};

describe('a configuration', () => {
  it.each([
    ['config.appId', { appId: '' }],
    ['config.appId', { appId: 2021 }],
    ['config.sellerId', { sellerId: '2088' }],
    ['config.merchantKey', { merchantKey: 'not wrapped' }],
    ['config.merchantKey', { merchantKey: undefined }],
    ['config.platformKey', { platformKey: undefined }],
    ['config.platformKey', { platformKey: '' }],
    ['config.platformKey', { platformKey: pem(merchant.privateKey) }],
    ['config.platformKey', { certificates }],
    ['config.certificates.root', { certificates: { ...certificates, root: '' } }],
    ['config.certificates.leaf', { certificates: { ...certificates, leaf: 'x' } }],
    ['config.environment', { environment: 'moon' }],
    ['config.gatewayUrl', { gatewayUrl: 'openapi.alipay.com' }],
    ['config.gatewayUrl', { gatewayUrl: 'ftp://openapi.alipay.com/gateway.do' }],
    ['config.gatewayUrl', { gatewayUrl: 'https://openapi.alipay.com/gateway.do?a=b' }],
    ['config.signType', { signType: 'SM3' }],
    ['config.signType', { signType: 'RSA', protocol: 'v3' }],
    ['config.signType', { signType: 'SM2', platformKey: undefined, certificates }],
    ['config.protocol', { protocol: 'v2' }],
    ['config.v3Url', { v3Url: 'https://openapi.alipay.com' }],
    ['config.v3Url', { protocol: 'v3', v3Url: 'https://openapi.alipay.com/v3' }],
    ['config.encryptionKey', { encryptionKey: 'aYA0GP8JEW+D7/UFaskCWA==' }],
    ['config.appAuth.token', { appAuth: { appId: '2021', token: '201612BB' } }],
    ['config.appAuth.appId', { appAuth: { token: secret('201612BB') } }],
    ['config.charset', { charset: 'latin1' }],
    ['config.notificationMaxAgeMs', { notificationMaxAgeMs: 60_000 }],
    ['config.statementMaxBytes', { statementMaxBytes: 1 }],
    ['config.colour', { colour: 'red' }],
  ])('is refused at %s', (field, change) => {
    const error = refused(change);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', field });
    expect(error.message).toContain(field);
    expect(JSON.stringify(error)).not.toContain('BEGIN');
  });

  it('is made without parsing a key or reaching out', () => {
    const site = gateway(() => success({}));
    const junk = { ...keyConfig, merchantKey: secret('junk'), platformKey: 'junk' };
    expect(site.channel(junk).name).toBe('alipay');
    expect(site.heard).toHaveLength(0);
  });

  it('names its gateway', async () => {
    const urlOf = async (change: object) => {
      const channel = createAlipay({ ...keyConfig, ...change }, { clock });
      const page = await channel.pay({ ...order, scene: 'page' });
      return (page as { nextAction: { url: string } }).nextAction.url.split('?')[0];
    };
    expect(await urlOf({})).toBe('https://openapi.alipay.com/gateway.do');
    expect(await urlOf({ environment: 'sandbox' })).toBe(
      'https://openapi-sandbox.dl.alipaydev.com/gateway.do',
    );
    const gatewayUrl = 'http://127.0.0.1:9/gateway.do';
    expect(await urlOf({ environment: 'sandbox', gatewayUrl })).toBe(gatewayUrl);
  });
});

describe('keys that cannot be used are refused before anything is sent', () => {
  const now = { notBefore: nowMs - 1000, notAfter: nowMs + 1000 };
  const keyOf = (key: typeof merchant) => secret(pem(key.privateKey));
  const trio = (change: Partial<typeof certificates>) => ({
    certificates: { ...certificates, ...change },
  });
  const expired = { notBefore: nowMs - 2000, notAfter: nowMs - 1000 };
  const early = { notBefore: nowMs + 1000, notAfter: nowMs + 2000 };

  it.each<readonly [string, string, AlipayConfig]>([
    ['merchantKey', 'junk', { ...keyConfig, merchantKey: secret('junk') }],
    ['merchantKey', 'nothing', { ...keyConfig, merchantKey: secret('') }],
    ['merchantKey', 'a public key', { ...keyConfig, merchantKey: secret(pem(merchant.publicKey)) }],
    ['merchantKey', 'a short key', { ...keyConfig, merchantKey: keyOf(weak) }],
    ['merchantKey', 'a key of a curve', { ...keyConfig, merchantKey: keyOf(curve) }],
    ['platformKey', 'junk', { ...keyConfig, platformKey: 'junk' }],
    ['platformKey', 'a short key', { ...keyConfig, platformKey: pem(weak.publicKey) }],
    ['platformKey', 'a key of a curve', { ...keyConfig, platformKey: pem(curve.publicKey) }],
    [
      'platformKey',
      "the application's own key",
      { ...keyConfig, platformKey: pem(merchant.publicKey) },
    ],
    [
      'merchantKey',
      "another certificate's key",
      { ...certificateConfig, merchantKey: keyOf(stranger) },
    ],
    ['certificates.merchant', 'junk', { ...certificateConfig, ...trio({ merchant: 'junk' }) }],
    ['certificates.platform', 'junk', { ...certificateConfig, ...trio({ platform: 'junk' }) }],
    ['certificates.root', 'junk', { ...certificateConfig, ...trio({ root: 'junk' }) }],
    [
      'certificates.merchant',
      'an expired one',
      {
        ...certificateConfig,
        ...trio({ merchant: certificate('M', merchant.publicKey, expired) }),
      },
    ],
    [
      'certificates.platform',
      'an expired one',
      {
        ...certificateConfig,
        ...trio({ platform: certificate('P', platform.publicKey, expired) }),
      },
    ],
    [
      'certificates.platform',
      'one of tomorrow',
      { ...certificateConfig, ...trio({ platform: certificate('P', platform.publicKey, early) }) },
    ],
    [
      'certificates.platform',
      "a stranger's",
      {
        ...certificateConfig,
        ...trio({
          platform: certificate('P', platform.publicKey, {
            ...now,
            issuerKey: stranger.privateKey,
          }),
        }),
      },
    ],
    [
      'certificates.platform',
      'one from another issuer',
      {
        ...certificateConfig,
        ...trio({ platform: certificate('P', platform.publicKey, { issuer: 'X' }) }),
      },
    ],
  ])('%s: %s', async (member, _what, config) => {
    const site = gateway(() => success({}));
    const channel = site.channel(config);
    const field = `config.${member}`;
    const calls: (() => Promise<unknown>)[] = [
      () => channel.query(payment),
      () => channel.pay({ ...order, scene: 'page' }),
      () => channel.pay({ ...order, scene: 'qr' }),
      () => channel.receive(push()),
      () => checkAlipayConfig(config, { clock }),
    ];
    for (const call of calls) {
      const error = await thrown(call());
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', field });
      expect(JSON.stringify(error)).not.toMatch(/-----BEGIN|[A-Za-z0-9+/]{60}/);
    }
    expect(site.heard).toHaveLength(0);
  });

  it('accepts what is right, as bare Base64 too', async () => {
    const bare = (text: string) => text.replaceAll(/-----[^-]+-----|\s/g, '');
    await checkAlipayConfig(keyConfig, { clock });
    await checkAlipayConfig(certificateConfig, { clock });
    const config = {
      ...keyConfig,
      merchantKey: secret(bare(pem(merchant.privateKey))),
      platformKey: bare(pem(platform.publicKey)),
    };
    await checkAlipayConfig(config, { clock });
    const old = { ...keyConfig, signType: 'RSA', merchantKey: keyOf(weak) } as const;
    await checkAlipayConfig(old, { clock });
  });

  it('tries the signer, and holds it against the certificate', async () => {
    const signing = (key: typeof merchant) => async (data: Uint8Array) =>
      Buffer.from(signText(data, key.privateKey), 'base64');
    await checkAlipayConfig({ ...certificateConfig, merchantKey: signing(merchant) }, { clock });
    const wrong = { ...certificateConfig, merchantKey: signing(stranger) };
    expect(await thrown(checkAlipayConfig(wrong, { clock }))).toMatchObject({
      code: 'CONFIG_INVALID',
      field: 'config.merchantKey',
    });
  });

  it('stops on the day a certificate expires, while the process runs', async () => {
    let time = nowMs;
    const moving = { ...clock, now: () => time };
    const channel = createAlipay(certificateConfig, { clock: moving });
    expect((await channel.pay({ ...order, scene: 'page' })).status).toBe('pending');
    time += 2 * 86_400_000;
    expect((await thrown(channel.pay({ ...order, scene: 'page' }))).code).toBe('CONFIG_INVALID');
  });

  it('holds the root bundle to be one', () => expect(rootPem).toContain('BEGIN CERTIFICATE'));
});
