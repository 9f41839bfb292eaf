import { secret } from '@polyrail/core';
import { decryptAes, encryptAes } from '@polyrail/kit/aes';
import {
  generateSm2KeyPair,
  signSm2,
  sm2PrivateKeyPem,
  sm2PublicKeyPem,
  verifySm2,
} from '@polyrail/kit/sm2';
import { describe, expect, it } from 'vitest';
import { checkAlipayConfig, createAlipay } from '../src/index.ts';
import {
  appId,
  clock,
  failure,
  gateway,
  keyConfig,
  notificationFields,
  order,
  payment,
  pem,
  platform,
  push,
  signText,
  success,
  thrown,
  trade,
} from './gateway.ts';

const paid = success({ ...trade, trade_status: 'TRADE_SUCCESS', total_amount: '9.00' });
const secrets = { key: Buffer.alloc(16, 3), iv: new Uint8Array(16) };
const config = { ...keyConfig, encryptionKey: secret(secrets.key.toString('base64')) };
const hide = (node: object, key = secrets.key): string =>
  Buffer.from(encryptAes({ ...secrets, key }, JSON.stringify(node))).toString('base64');

/** An encrypted reply: the signature covers the quotation marks as well. */
const hidden = (node: object, key = secrets.key) => {
  const text = JSON.stringify(hide(node, key)).replaceAll('/', '\\/');
  return { raw: `{"alipay_trade_query_response":${text},"sign":"${signText(text)}"}` };
};

describe('encrypted content', () => {
  it('is encrypted before it is signed, and a reply verified before it is decrypted', async () => {
    const site = gateway(() => hidden(paid));
    expect((await site.channel(config).query(payment)).status).toBe('succeeded');
    const { parameters } = site.heard[0]!;
    expect(parameters.encrypt_type).toBe('AES');
    const content = Buffer.from(parameters.biz_content!, 'base64');
    expect(Buffer.from(decryptAes(secrets, content)).toString()).toBe('{"out_trade_no":"order_1"}');
  });

  it('is not believed signed without its quotation marks', async () => {
    const text = hide(paid);
    const raw = `{"alipay_trade_query_response":"${text}","sign":"${signText(text)}"}`;
    const error = await thrown(
      gateway(() => ({ raw }))
        .channel(config)
        .query(payment),
    );
    expect(error.code).toBe('REPLY_UNVERIFIED');
  });

  it('is told in the clear that it could not be decrypted', async () => {
    const site = gateway(() => failure('isv.decryption-error-unknown', '40003'));
    const error = await thrown(site.channel(config).query(payment));
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'credential-invalid' });
  });

  it('of another key, or of no object, is not read', async () => {
    const other = gateway(() => hidden(paid, Buffer.alloc(16, 4)));
    expect((await thrown(other.channel(config).query(payment))).code).toBe('REPLY_UNREADABLE');
    const list = gateway(() => hidden([paid]));
    expect((await thrown(list.channel(config).query(payment))).code).toBe('REPLY_UNREADABLE');
  });

  it('is not used for pages that the payer carries', async () => {
    const site = gateway(() => paid);
    const { nextAction } = (await site
      .channel(config)
      .pay({ ...order, scene: 'page', returnUrl: 'https://shop.example/' })) as {
      nextAction: { url?: string };
    };
    expect(JSON.stringify(nextAction)).not.toContain('encrypt_type');
    expect(site.heard).toHaveLength(0);
  });

  it.each(['', 'AAAA', 'not base64!'])('needs a key: %j', async (text) => {
    const site = gateway(() => paid);
    const broken = { ...keyConfig, encryptionKey: secret(text === '' ? ' ' : text) };
    const error = await thrown(site.channel(broken).query(payment));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', field: 'config.encryptionKey' });
    expect(site.heard).toHaveLength(0);
    expect((await thrown(checkAlipayConfig(broken, { clock }))).field).toBe('config.encryptionKey');
  });
});

describe('SM2', () => {
  const own = generateSm2KeyPair(Buffer.alloc(32, 1));
  const theirs = generateSm2KeyPair(Buffer.alloc(32, 2));
  const sm2Config = {
    ...keyConfig,
    signType: 'SM2',
    merchantKey: secret(sm2PrivateKeyPem(own)),
    platformKey: sm2PublicKeyPem(theirs.publicKey),
  } as const;
  const sealed = (node: object, key = theirs) => {
    const text = JSON.stringify(node);
    const sign = Buffer.from(signSm2(key, text)).toString('base64');
    return { raw: `{"alipay_trade_query_response":${text},"sign":"${sign}"}` };
  };

  it('signs requests and verifies replies', async () => {
    const site = gateway(() => sealed(paid));
    expect((await site.channel(sm2Config).query(payment)).status).toBe('succeeded');
    const { sign = '', ...signed } = site.heard[0]!.parameters;
    expect(signed.sign_type).toBe('SM2');
    const names = Object.keys(signed).sort();
    const text = names.map((name) => `${name}=${signed[name]}`).join('&');
    expect(verifySm2(own.publicKey, text, Buffer.from(sign, 'base64'))).toBe(true);
  });

  it('believes neither a stranger nor RSA', async () => {
    for (const answer of [sealed(paid, own), paid]) {
      const error = await thrown(
        gateway(() => answer)
          .channel(sm2Config)
          .query(payment),
      );
      expect(error.code).toBe('REPLY_UNVERIFIED');
    }
  });

  it('opens notifications, and no RSA one', async () => {
    const channel = gateway(() => paid).channel(sm2Config);
    const names = Object.keys(notificationFields).sort() as (keyof typeof notificationFields)[];
    const text = names.map((name) => `${name}=${notificationFields[name]}`).join('&');
    const sign = Buffer.from(signSm2(theirs, text)).toString('base64');
    const form = new URLSearchParams({ ...notificationFields, sign, sign_type: 'SM2' });
    const message = { headers: {}, body: Buffer.from(form.toString()) };
    expect((await channel.receive(message)).facts[0]?.status).toBe('succeeded');
    expect((await thrown(channel.receive(push()))).code).toBe('NOTIFICATION_UNVERIFIED');
  });

  it.each([
    ['config.merchantKey', { merchantKey: keyConfig.merchantKey }],
    ['config.platformKey', { platformKey: pem(platform.publicKey) }],
    ['config.platformKey', { platformKey: sm2PublicKeyPem(own.publicKey) }],
  ])('names the key that is of another kind, or our own: %s', async (field, change) => {
    const channel = gateway(() => paid).channel({ ...sm2Config, ...change });
    const error = await thrown(channel.query(payment));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', field });
  });

  it('takes a signer that asks elsewhere', async () => {
    const site = gateway(() => sealed(paid));
    const merchantKey = async (data: Uint8Array) => signSm2(own, data);
    expect((await site.channel({ ...sm2Config, merchantKey }).query(payment)).status).toBe(
      'succeeded',
    );
  });
});

describe('acting for another merchant', () => {
  const appAuth = { appId: '2021999999999999', token: secret('201612BBcfd75bc1') };

  it('sends the token of that merchant, signed', async () => {
    const site = gateway(() => paid);
    await site.channel({ ...keyConfig, appAuth }).query(payment);
    expect(site.heard[0]?.parameters.app_auth_token).toBe('201612BBcfd75bc1');
  });

  it('takes notifications of that merchant, and of no other', async () => {
    const channel = createAlipay({ ...keyConfig, appAuth }, { clock });
    const ours = push({ auth_app_id: appAuth.appId, app_id: appId });
    expect((await channel.receive(ours)).facts[0]?.status).toBe('succeeded');
    const error = await thrown(channel.receive(push({ auth_app_id: appId })));
    expect(error).toMatchObject({ code: 'NOTIFICATION_FOREIGN', field: 'auth_app_id' });
  });

  it('shows the token nowhere', async () => {
    const site = gateway(() => failure('aop.invalid-app-auth-token', '20001'));
    const error = await thrown(site.channel({ ...keyConfig, appAuth }).query(payment));
    expect(JSON.stringify(error) + error.message).not.toContain('201612BBcfd75bc1');
  });
});
