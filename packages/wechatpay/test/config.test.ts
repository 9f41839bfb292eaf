import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { PolyrailError, secret, type Transport } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { checkWechatPayConfig, createWechatPay, type WechatPayConfig } from '../src/index.ts';
import {
  apiV3Key,
  base,
  clock,
  gateway,
  keyConfig,
  merchant,
  ok,
  payment,
  pem,
  platform,
  publicKeyId,
  thrown,
  transaction,
} from './gateway.ts';

const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
const key = pem(platform.publicKey);

describe('a configuration', () => {
  it.each([
    ['a short number', { mchId: '123' }, 'mchId'],
    ['an application with a blank', { appId: 'wx 1' }, 'appId'],
    ['a bare key', { merchantKey: pem(merchant.privateKey) }, 'merchantKey'],
    ['a serial number in decimal words', { merchantSerial: 'abcxyz' }, 'merchantSerial'],
    ['a bare APIv3 key', { apiV3Key }, 'apiV3Key'],
    ['a public key of another name', { publicKey: { id: 'KEY_1', key } }, 'publicKey.id'],
    [
      'a private key as the public one',
      { publicKey: { id: publicKeyId, key: pem(merchant.privateKey) } },
      'publicKey.key',
    ],
    [
      'certificates that are private',
      { certificates: [pem(merchant.privateKey)] },
      'certificates.0',
    ],
    ['a notification address with a query', { notifyUrl: 'https://shop.example/?a' }, 'notifyUrl'],
    ['an address with a path', { baseUrl: 'https://shop.example/x' }, 'baseUrl'],
    ['an address with a slash', { baseUrl: 'https://shop.example/' }, 'baseUrl'],
    ['a backup that is none', { backupUrl: 'ftp://shop.example' }, 'backupUrl'],
    ['another algorithm', { algorithm: 'MD5' }, 'algorithm'],
    ['a plan that is none', { papay: { planId: 0 } }, 'papay.planId'],
    ['a service that is none', { payScore: { serviceId: '20-1' } }, 'payScore.serviceId'],
    ['a fund of its own', { payScore: { serviceId: '1', riskFund: 'RENT' } }, 'payScore.riskFund'],
    ['a bare APIv2 key', { payScore: { serviceId: '1', apiKey: 'k' } }, 'payScore.apiKey'],
    ['an unknown account', { balanceAccounts: ['ALL'] }, 'balanceAccounts.0'],
    ['a small cap', { statementMaxBytes: 1 }, 'statementMaxBytes'],
    ['a misspelling', { apiv3key: secret(apiV3Key) }, 'apiv3key'],
    ['no way to verify', { certificates: false }, 'certificates'],
    [
      'papay of a provider',
      { papay: { planId: 1 }, subMerchant: { mchId: '1900000109' } },
      'papay',
    ],
    [
      'the pay score of a provider',
      { payScore: { serviceId: '1' }, subMerchant: { mchId: '1900000109' } },
      'payScore',
    ],
    ['the pay score with SM', { payScore: { serviceId: '1' }, algorithm: 'SM' }, 'payScore'],
  ])('is refused at once: %s', async (_what, change, member) => {
    const error = await thrown(() => createWechatPay({ ...base, ...change } as never));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', field: `config.${member}` });
    expect(error.message).not.toContain('PRIVATE KEY');
  });

  it.each([
    [
      'a key cut in half',
      { merchantKey: secret(pem(merchant.privateKey).slice(0, 900)) },
      'merchantKey',
    ],
    ['a key too short', { merchantKey: secret(pem(small.privateKey)) }, 'merchantKey'],
    ['an APIv3 key of 31 characters', { apiV3Key: secret(apiV3Key.slice(1)) }, 'apiV3Key'],
    [
      'a public key too short',
      { publicKey: { id: publicKeyId, key: pem(small.publicKey) } },
      'publicKey.key',
    ],
    [
      'the merchant’s own public key',
      { publicKey: { id: publicKeyId, key: pem(merchant.publicKey) } },
      'publicKey.key',
    ],
    ['a certificate that is none', { certificates: ['nothing'] }, 'certificates'],
  ])('is refused before anything is sent: %s', async (_what, change, member) => {
    const config = { ...keyConfig, ...change } as WechatPayConfig;
    const site = gateway(() => ok(transaction));
    const expected = { code: 'CONFIG_INVALID', field: `config.${member}` };
    expect(await thrown(site.channel(config).query(payment))).toMatchObject(expected);
    expect(site.targets()).toHaveLength(0);
    expect(await thrown(checkWechatPayConfig(config))).toMatchObject(expected);
  });

  it('may be checked at start-up, the signer too', async () => {
    await checkWechatPayConfig(keyConfig);
    await checkWechatPayConfig({ ...keyConfig, merchantKey: async () => new Uint8Array(256) });
    const dead = () => Promise.reject(new Error('the KMS is away'));
    await expect(checkWechatPayConfig({ ...keyConfig, merchantKey: dead })).rejects.toThrow('away');
  });

  it('shows none of its secrets', () => {
    const channel = createWechatPay(keyConfig);
    const shown = `${inspect(channel, { depth: 9 })}${JSON.stringify(channel)}${inspect(keyConfig)}`;
    expect(shown).not.toContain(apiV3Key);
    expect(shown).not.toContain('PRIVATE KEY');
  });

  it('says by its verbs what the channel can do', () => {
    const verbs = (config: WechatPayConfig) => Object.keys(createWechatPay(config));
    expect(verbs(keyConfig)).not.toContain('reverse');
    expect(verbs({ ...keyConfig, codepay: true })).toContain('reverse');
    expect(verbs({ ...keyConfig, codepay: true })).not.toContain('signUp');
    expect(verbs({ ...keyConfig, payScore: { serviceId: '1' } })).toContain('reverse');
    const papay = { planId: 1 };
    expect(verbs({ ...keyConfig, papay })).toContain('signUp');
    const full = createWechatPay({ ...keyConfig, codepay: true, papay });
    expect(full.reverse).toBeTypeOf('function');
    expect(full.capabilities.resolve.then).toBe('reverse');
    expect(createWechatPay(keyConfig).capabilities.resolve.then).toBe('escalate');
    expect(full.capabilities.scenes?.pay).toContain('agreement');
    const payScore = { serviceId: '1' };
    const holding = ['authorize', 'queryAuthorization', 'capture', 'cancelAuthorization'];
    expect(verbs({ ...keyConfig, codepay: true, papay })).not.toContain('authorize');
    for (const more of [{}, { codepay: true }, { papay }, { codepay: true, papay }]) {
      const config = { ...keyConfig, ...more };
      const { capabilities } = createWechatPay({ ...config, payScore });
      const both = new Set([...verbs(config), ...holding, 'reverse']);
      expect(new Set(verbs({ ...config, payScore }))).toEqual(both);
      const rules = { holdsExpire: false, partialCaptures: false, partialReleases: false };
      expect(capabilities).toMatchObject(rules);
      expect(createWechatPay({ ...config, payScore }).capabilities).toBe(capabilities);
    }
  });
});

describe('a function that signs', () => {
  it('takes the place of the key', async () => {
    const { sign } = await import('node:crypto');
    const merchantKey = async (data: Uint8Array) => sign('sha256', data, merchant.privateKey);
    const site = gateway(() => ok(transaction));
    expect((await site.channel({ ...keyConfig, merchantKey }).query(payment)).status).toBe(
      'succeeded',
    );
  });
});

describe('the backup host', () => {
  const away = () => new PolyrailError('NOT_SENT', 'refused');
  const hosts = (fail: (url: string) => Error | undefined) => {
    const asked: string[] = [];
    const inner = gateway(() => ok(transaction));
    const transport: Transport = {
      async exchange(request, options) {
        asked.push(new URL(request.url).origin);
        const error = fail(request.url);
        if (error === undefined) return inner.transport.exchange(request, options);
        if ((error as PolyrailError).code !== 'NOT_SENT') options?.onFirstByte?.();
        throw error;
      },
    };
    const query = (config: WechatPayConfig) =>
      createWechatPay(config, { transport, clock }).query(payment);
    return { asked, query };
  };
  const main = 'https://api.mch.weixin.qq.com';
  const backup = 'https://api2.mch.weixin.qq.com';
  const isMain = (url: string) => url.startsWith(`${main}/`);

  it('is asked when nothing could be sent to the main one', async () => {
    const { asked, query } = hosts((url) => (isMain(url) ? away() : undefined));
    expect((await query(keyConfig)).status).toBe('succeeded');
    expect(asked).toEqual([main, backup]);
  });

  it('is not asked once a byte may have left', async () => {
    const lost = new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
    const { asked, query } = hosts((url) => (isMain(url) ? lost : undefined));
    expect((await thrown(query(keyConfig))).code).toBe('UNAVAILABLE');
    expect(asked).toEqual([main]);
  });

  it('is one’s own with an address of one’s own', async () => {
    const baseUrl = 'http://127.0.0.1:1';
    const first = hosts(away);
    expect((await thrown(first.query({ ...keyConfig, baseUrl }))).code).toBe('NOT_SENT');
    expect(first.asked).toEqual([baseUrl]);
    const second = hosts((url) => (url.startsWith(baseUrl) ? away() : undefined));
    const backupUrl = 'http://127.0.0.1:2';
    await second.query({ ...keyConfig, baseUrl, backupUrl });
    expect(second.asked).toEqual([baseUrl, backupUrl]);
  });
});
