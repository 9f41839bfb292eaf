import { inspect } from 'node:util';
import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { checkUnionPayConfig, createUnionPay, type UnionPayConfig } from '../src/index.ts';
import {
  accepted,
  base,
  card,
  certificates,
  clockAt,
  encryptionAnswer,
  full,
  gateway,
  keys,
  leaf,
  now,
  nowMs,
  order,
  refusal,
  revealed,
  silence,
  thrown,
} from './gateway.ts';
import { pemOf, recorded, text, vector } from './vectors.ts';

const faults: readonly (readonly [field: string, changes: object])[] = [
  ['config.merId', { merId: '7772900581' }],
  ['config.notifyUrl', { notifyUrl: 'ftp://shop.example' }],
  ['config.notifyUrl', { notifyUrl: `https://shop.example/${'x'.repeat(250)}` }],
  ['config.tokenRequestor', { tokenRequestor: '1' }],
  ['config.signing', { signing: { method: 'rsa', pfx: 'text', passphrase: secret('x') } }],
  ['config.certificates', { certificates: undefined }],
  ['config.certificates.root', { certificates: { root: 'x', middle: certificates.middle } }],
  ['config.encryptionCertificate', { encryptionCertificate: '-----BEGIN PRIVATE KEY-----' }],
  ['config.encoding', { encoding: 'GB18030' }],
  ['config.gatewayUrl', { gatewayUrl: 'https://gateway.example/?x=1' }],
  ['config.notificationMaxAgeMs', { notificationMaxAgeMs: 1 }],
  ['config.mchId', { mchId: 'x' }],
  ['config.agreements', { agreements: 'mandate' }],
  ['config.tokenRequestor', { agreements: 'token' }],
  ['config.tokenRequestor', { agreements: 'collection', tokenRequestor: '62000000001' }],
  ['config.collectionSubTypes.query', { collectionSubTypes: { query: '7' } }],
  ['config.collectionSubTypes.bind', { collectionSubTypes: { bind: '01' } }],
  [
    'config.encryptionCertificate',
    { signing: { method: 'sha256', key: secret('k') }, encryptionCertificate: undefined },
  ],
  [
    'config.platformCertificate',
    { signing: { method: 'sm2', file: secret('k'), passphrase: secret('k') } },
  ],
];

describe('the configuration', () => {
  it.each(faults)('is checked to the letter: %s %j', async (field, changes) => {
    const made = () => createUnionPay({ ...base, ...changes } as UnionPayConfig);
    await expect(thrown(made)).resolves.toMatchObject({ code: 'CONFIG_INVALID', field });
  });

  it.each([
    ['signing.pfx', { signing: { method: 'rsa', pfx: secret('AAAA'), passphrase: secret('x') } }],
    [
      'signing.key',
      {
        signing: {
          method: 'rsa',
          certificate: certificates.platform,
          key: base.signing.key,
        },
      },
    ],
    ['certificates.root', { certificates: { ...base.certificates, root: damaged() } }],
  ])('is proven at start-up, and before the first byte: %s', async (member, changes) => {
    const config = { ...base, ...changes } as UnionPayConfig;
    await expect(thrown(checkUnionPayConfig(config))).resolves.toMatchObject({
      code: 'CONFIG_INVALID',
      field: `config.${member}`,
    });
  });

  it('opens the files that UnionPay hands out', async () => {
    for (const pfx of ['pfx.test.sign.2021', 'pfx.test.sign.2015', 'pfx.test.500.shima']) {
      await expect(checkUnionPayConfig(recorded(pfx))).resolves.toBeUndefined();
    }
    const signing = {
      method: 'rsa',
      pfx: secret(text(vector('pfx.test.sign.2015'), 'pfxBase64')),
      passphrase: secret('999999'),
    } as const;
    await expect(thrown(checkUnionPayConfig({ ...recorded(), signing }))).resolves.toMatchObject({
      field: 'config.signing.pfx',
    });
  });

  it('takes a function that signs, and then tells no account', async () => {
    const { sign } = await import('node:crypto');
    const key = (data: Uint8Array) => sign('sha256', data, keys.merchant.privateKey);
    const signing = { method: 'rsa', certificate: certificates.merchant, key } as const;
    const { channel, heard } = gateway((one) => accepted(one, { tn: '201602141008032671528' }));
    await channel({ ...full, signing }).pay({ scene: 'app', ...order });
    expect(heard).toHaveLength(1);
  });

  it('shows nothing of a key', () => {
    const channel = createUnionPay(base);
    expect(inspect(channel, { depth: 9 })).not.toMatch(/PRIVATE|BEGIN/);
  });

  it('has agreements with a token requestor alone', () => {
    expect(createUnionPay(base)).not.toHaveProperty('signUp');
    expect(createUnionPay(base).capabilities.scenes?.pay).not.toContain('agreement');
    expect(createUnionPay(full)).toHaveProperty('signUp');
    expect(createUnionPay({ ...full, agreements: 'token' })).toHaveProperty('confirmSignUp');
  });

  it('has mandates where it says so, in type and in fact', () => {
    const channel = createUnionPay({ ...base, agreements: 'collection' });
    expect(channel.capabilities.scenes?.signUp).toEqual(['card']);
    expect(channel.capabilities.scenes?.pay).toContain('agreement');
    expect(channel.capabilities).not.toHaveProperty('confirmSignUp');
    // @ts-expect-error no code confirms a mandate
    expect(channel.confirmSignUp).toBeUndefined();
    const page = { scene: 'page', merchantAgreementId: 'agree001' } as const;
    // @ts-expect-error mandates are set up by a card alone
    const refused = thrown(channel.signUp(page));
    return expect(refused).resolves.toMatchObject({ code: 'UNSUPPORTED', field: 'scene' });
  });
});

/** PEM of something that is no certificate. */
function damaged(): string {
  return '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
}

describe('the encryption certificate', () => {
  const other = leaf('041@Z2017@00040000:SIGN@00000006', keys.stranger.publicKey, { serial: 5n });
  const pay = { scene: 'card', ...order, card } as const;

  /** Answers the certificate's own query as a test wants it. */
  function hiding(answer: Parameters<typeof gateway>[0], config: UnionPayConfig = full) {
    const asked: string[] = [];
    const { transport, heard } = gateway((one) => accepted(one));
    const inner = gateway(answer);
    const clock = { ms: nowMs };
    const certificateTransport = {
      async exchange(request: never, options: never) {
        const isCertificate = String((request as { body: unknown }).body).includes('txnType=95');
        if (!isCertificate) return transport.exchange(request, options);
        asked.push(String((request as { body: unknown }).body));
        return inner.answering.exchange(request, options);
      },
    };
    const context = {
      transport: certificateTransport as never,
      clock: { now: () => clock.ms, schedule: () => () => {} },
    };
    return { channel: createUnionPay(config as typeof full, context), heard, asked, clock };
  }

  it('is asked for once a day, and used once it chains', async () => {
    const { channel, heard, asked, clock } = hiding((one) =>
      accepted(one, { certType: '01', encryptPubKeyCert: other }),
    );
    await channel.pay(pay);
    await channel.pay(pay);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(/txnType=95&txnSubType=00.*certType=01/);
    expect(heard.map(({ fields }) => fields['encryptCertId'])).toEqual(['5', '5']);
    clock.ms += 24 * 3_600_000;
    await channel.pay(pay);
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['silence', () => silence()],
    ['a refusal', (one: never) => refusal(one, '32')],
    [
      'one that does not chain',
      (one: never) =>
        accepted(one, {
          certType: '01',
          encryptPubKeyCert: leaf('x', keys.stranger.publicKey, {
            issuerKey: keys.stranger.privateKey,
          }),
        }),
    ],
    [
      'one that has expired',
      (one: never) =>
        accepted(one, {
          certType: '01',
          encryptPubKeyCert: leaf('x', keys.stranger.publicKey, { notAfter: nowMs - 1000 }),
        }),
    ],
    [
      'one that a stranger signed for',
      (one: never) => ({ ...encryptionAnswer(one), key: keys.stranger.privateKey }),
    ],
  ] as const)('is the configured one after %s, and none without that', async (_, answer) => {
    const { channel, heard } = hiding(answer as never);
    await channel.pay(pay);
    expect(heard[0]?.fields['encryptCertId']).toBe('68759622183');
    expect(revealed(heard[0]?.fields['accNo'])).toBe('6216261000000000018');
    const { encryptionCertificate: _none, ...bare } = full;
    const without = hiding(answer as never, bare);
    const error = await thrown(without.channel.pay(pay));
    expect(error.code).toMatch(/^(?:NOT_SENT|REFUSED)$/);
    expect(without.heard).toEqual([]);
  });

  it('is the configured one with a key', async () => {
    const signing = { method: 'sha256', key: secret('simulatorSecureKey') } as const;
    const { channel, heard } = gateway(() => silence());
    const encryptionCertificate = pemOf('cert.test.enc.2017');
    await channel({ ...full, signing, encryptionCertificate }).pay(pay);
    expect(heard[0]?.fields['encryptCertId']).toBe('69026275926');
    expect(clockAt(now).now()).toBe(nowMs);
  });
});
