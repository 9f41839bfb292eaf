import { PolyrailError, secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import {
  checkWechatPayV2Config,
  createWechatPayV2,
  createWechatPayV2Payouts,
} from '../src/index.ts';
import { apiKey, base, certified, full, gateway, order, thrown } from './gateway.ts';

describe('the configuration', () => {
  it.each([
    ['mchId', { mchId: '12' }],
    ['appId', { appId: 'wx 1' }],
    ['apiKey', { apiKey: apiKey }],
    ['apiKey', { apiKey: secret(apiKey.slice(1)) }],
    ['signType', { signType: 'SHA1' }],
    ['clientCertificate', { clientCertificate: { pfx: 'bytes' } }],
    ['clientCertificate', { clientCertificate: { cert: '-----BEGIN PRIVATE KEY-----' } }],
    ['notifyUrl', { notifyUrl: 'https://shop.example/?a=1' }],
    ['baseUrl', { baseUrl: 'https://pay.example/' }],
    ['papay.planId', { papay: { planId: 0 } }],
    ['hostIp', { hostIp: 'here' }],
    ['notificationMaxAgeMs', { notificationMaxAgeMs: 1 }],
    ['statementMaxBytes', { statementMaxBytes: 1 }],
    ['apikey', { apikey: 'x' }],
  ])('blames %s, and quotes no value', (member, change) => {
    try {
      createWechatPayV2({ ...base, ...change } as never);
      throw new Error('was taken');
    } catch (error) {
      expect(error).toBeInstanceOf(PolyrailError);
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', field: `config.${member}` });
      expect(String(error)).not.toContain(apiKey.slice(1, 9));
    }
  });

  it('gives the verbs that it can keep', () => {
    const verbs = (config: object) => Object.keys(createWechatPayV2(config as never));
    expect(verbs(base)).not.toContain('reverse');
    expect(verbs(certified)).toEqual(expect.arrayContaining(['refund', 'reverse']));
    expect(verbs(certified)).not.toContain('signUp');
    expect(verbs(full)).toEqual(expect.arrayContaining(['signUp', 'querySignUp', 'signOff']));
    const { capabilities } = createWechatPayV2(base);
    expect(capabilities.resolve.then).toBe('escalate');
    expect(createWechatPayV2(certified).capabilities.resolve.then).toBe('reverse');
    expect(createWechatPayV2(base).capabilities).toBe(capabilities);
  });

  it('shows no key, however a channel is printed', async () => {
    const site = gateway(() => ({ status: 500, body: apiKey }));
    const channel = site.channel();
    const result = await channel.pay({ ...order, scene: 'qr' });
    for (const printed of [JSON.stringify(channel), JSON.stringify(result), String(channel)]) {
      expect(printed).not.toContain(apiKey);
    }
  });
});

describe('a certificate that cannot be used', () => {
  const broken = { ...certified, clientCertificate: { pfx: secret('no file') } } as const;

  it('is found at start-up', async () => {
    expect(await thrown(checkWechatPayV2Config(broken))).toMatchObject({
      code: 'CONFIG_INVALID',
      field: 'config.clientCertificate',
    });
    await checkWechatPayV2Config(base);
  });

  it('stops the first verb that shows it, before anything is sent', async () => {
    await using channel = createWechatPayV2Payouts({ ...broken, baseUrl: 'https://127.0.0.1:9' });
    const payout = channel.payout({
      merchantPayoutId: 'payout1',
      amount: { amount: 1, currency: 'CNY' },
      purpose: 'a prize',
      payee: { kind: 'wallet', id: 'o1' },
    });
    expect(await thrown(payout)).toMatchObject({
      code: 'CONFIG_INVALID',
      field: 'config.clientCertificate',
    });
  });
});
