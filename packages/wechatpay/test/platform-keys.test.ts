import type { Clock } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { probesRefused, type WechatPayConfig } from '../src/index.ts';
import {
  apiV3Key,
  base,
  certificate,
  certificateList,
  failure,
  gateway,
  keyConfig,
  nowMs,
  ok,
  payment,
  pem,
  platform,
  publicKeyId,
  push,
  serials,
  stranger,
  successor,
  type Told,
  thrown,
  transaction,
} from './gateway.ts';

const first = certificate(serials.first, platform.publicKey);
const second = certificate(serials.second, successor.publicKey, [0, 2]);
const entries = [
  [serials.first, first],
  [serials.second, second],
] as const;
const byFirst = { key: platform.privateKey, serial: serials.first };
const bySecond = { key: successor.privateKey, serial: serials.second };
const hourMs = 3_600_000;

/** A gateway with a list of certificates that changes, and a clock that moves. */
function rotating(list: () => Told | Error, answer: () => Told = () => ok(transaction, byFirst)) {
  let atMs = nowMs;
  const clock: Clock = { now: () => atMs, schedule: () => () => {} };
  const stamped = (told: Told | Error) =>
    told instanceof Error ? told : { timestamp: String(Math.floor(atMs / 1000)), ...told };
  const site = gateway(({ target }) =>
    stamped(target.startsWith('/v3/certificates') ? list() : answer()),
  );
  const downloads = () => site.targets().filter((target) => target.includes('/v3/certificates'));
  const channel = (config: WechatPayConfig = base) =>
    site.channel(config, { transport: site.transport, clock });
  const advance = (ms: number): void => {
    atMs += ms;
  };
  return { site, channel, downloads, advance };
}
const listed = (...which: (typeof entries)[number][]) => ok(certificateList(which), byFirst);

describe('certificate mode', () => {
  it('downloads the list before anything else, once, and verifies replies with it', async () => {
    const { channel, site, downloads } = rotating(() => listed(entries[0]));
    const own = channel();
    expect((await own.query(payment)).status).toBe('succeeded');
    expect((await own.query(payment)).status).toBe('succeeded');
    expect(site.targets()[0]).toBe('GET /v3/certificates?algorithm_type=RSA');
    expect(downloads()).toHaveLength(1);
    expect(site.heard[0]?.request.headers).not.toHaveProperty('wechatpay-serial');
  });

  it('asks once for calls at the same time', async () => {
    const { channel, downloads } = rotating(() => listed(entries[0]));
    const own = channel();
    await Promise.all([1, 2, 3, 4].map(() => own.query(payment)));
    expect(downloads()).toHaveLength(1);
  });

  it('sends nothing while no reply could be verified', async () => {
    const { channel, site } = rotating(() => failure(500, 'SYSTEM_ERROR'));
    const pay = channel().pay({
      scene: 'qr',
      merchantPaymentId: 'order_1',
      amount: { amount: 900, currency: 'CNY' },
      description: 'Tea',
    });
    expect((await thrown(pay)).code).toBe('NOT_SENT');
    expect(site.targets()).toHaveLength(1);
  });

  it('believes certificates of the configuration from the start', async () => {
    const { channel, site } = rotating(() => failure(500, 'SYSTEM_ERROR'));
    const own = channel({ ...base, certificates: [first] });
    expect((await own.query(payment)).status).toBe('succeeded');
    expect(site.targets()).toEqual([expect.stringContaining('/v3/pay/transactions/')]);
  });

  it('follows a rotation while it runs', async () => {
    let list = listed(entries[0]);
    let signer: Told = byFirst;
    const { channel, downloads } = rotating(
      () => list,
      () => ok(transaction, signer),
    );
    const own = channel();
    await own.query(payment);
    list = listed(...entries);
    signer = bySecond;
    expect((await own.query(payment)).status).toBe('succeeded');
    expect(downloads()).toHaveLength(2);
    signer = byFirst;
    expect((await own.query(payment)).status).toBe('succeeded');
    expect(downloads()).toHaveLength(2);
  });

  it('renews the list twice a day, and goes on with the old one where that fails', async () => {
    let list: Told = listed(entries[0]);
    const { channel, downloads, advance } = rotating(() => list);
    const own = channel();
    await own.query(payment);
    advance(12 * hourMs);
    await own.query(payment);
    expect(downloads()).toHaveLength(1);
    advance(1000);
    await own.query(payment);
    expect(downloads()).toHaveLength(2);
    list = failure(500, 'SYSTEM_ERROR');
    advance(12 * hourMs + 1000 - 2 * hourMs);
    await own.query(payment);
    expect(downloads()).toHaveLength(2);
  });

  it('drops what is no longer listed or no longer valid', async () => {
    let list = listed(...entries);
    const { channel, advance } = rotating(() => list);
    const own = channel();
    await own.query(payment);
    list = ok(certificateList([entries[1]]), bySecond);
    advance(12 * hourMs + 1000);
    expect((await thrown(own.query(payment))).code).toBe('REPLY_UNVERIFIED');
    const lasting = rotating(() => listed(entries[0]));
    const other = lasting.channel();
    await other.query(payment);
    lasting.advance(25 * hourMs);
    expect((await thrown(other.query(payment))).code).toBe('REPLY_UNVERIFIED');
  });

  it.each([
    [
      'signed by none of it',
      ok(certificateList([entries[0]]), { ...byFirst, key: stranger.privateKey }),
    ],
    ['unsigned', ok(certificateList([entries[0]]), { signed: false })],
    ['of another time', ok(certificateList([entries[0]]), { ...byFirst, timestamp: '1795315000' })],
    ['naming a certificate that it lacks', ok(certificateList([entries[0]]), bySecond)],
    [
      'with another certificate than it names',
      ok(certificateList([[serials.second, first]]), byFirst),
    ],
    ['empty', ok({ data: [] }, byFirst)],
    ['that is none', ok({ data: 'x' }, byFirst)],
  ])('believes no list %s', async (_what, told) => {
    const { channel } = rotating(() => told);
    expect((await thrown(channel().query(payment))).code).toMatch(/^REPLY_UN/);
  });

  it('blames the configuration where it must be wrong', async () => {
    const wrongKey = rotating(() =>
      ok(certificateList([entries[0]], apiV3Key.toUpperCase()), byFirst),
    );
    expect(await thrown(wrongKey.channel().query(payment))).toMatchObject({
      code: 'CONFIG_INVALID',
      field: 'config.apiV3Key',
    });
    const keyOnly = rotating(() => failure(404, 'RESOURCE_NOT_EXISTS'));
    expect(await thrown(keyOnly.channel().query(payment))).toMatchObject({
      code: 'CONFIG_INVALID',
      field: 'config.publicKey',
    });
    const signed = rotating(() => failure(401, 'SIGN_ERROR'));
    expect(await thrown(signed.channel().query(payment))).toMatchObject({
      code: 'REFUSED',
      reason: 'credential-invalid',
    });
  });

  it('lets no flood of unknown serial numbers become one of downloads', async () => {
    const { channel, downloads, advance } = rotating(() => listed(entries[0]));
    const own = channel();
    const knock = async (at: number) => {
      const serial = (0x10000000 + at).toString(16);
      const message = push(transaction, { ...bySecond, serial });
      expect((await thrown(own.receive(message))).code).toBe('NOTIFICATION_UNVERIFIED');
    };
    for (let at = 0; at < 100; at += 1) await knock(at);
    expect(downloads()).toHaveLength(5);
    advance(60_000);
    await knock(101);
    expect(downloads()).toHaveLength(6);
    const stamp = String(Math.floor((nowMs + 60_000) / 1000));
    const genuine = push(transaction, { ...byFirst, timestamp: stamp });
    expect((await own.receive(genuine)).facts[0].status).toBe('succeeded');
  });

  it('asks nobody about names that are no serial numbers', async () => {
    const { channel, downloads } = rotating(() => listed(entries[0]));
    for (const serial of ['../../x', publicKeyId, 'Z'.repeat(40), '1'.repeat(41)]) {
      const error = await thrown(channel().receive(push(transaction, { ...byFirst, serial })));
      expect(error.code).toBe('NOTIFICATION_UNVERIFIED');
    }
    expect(downloads()).toHaveLength(0);
  });

  it('takes serial numbers whatever their case and leading zeros', async () => {
    const { channel } = rotating(() => listed(entries[0]));
    const serial = `00${serials.first.slice(0, 38)}`;
    const short = certificate(serials.first.slice(0, 38), platform.publicKey);
    const other = rotating(
      () => ok(certificateList([[serial, short]]), { ...byFirst, serial }),
      () => ok(transaction, { ...byFirst, serial }),
    );
    expect((await other.channel().query(payment)).status).toBe('succeeded');
    const lower = push(transaction, { ...byFirst, serial: serials.first.toLowerCase() });
    expect((await channel().receive(lower)).facts).toHaveLength(1);
  });

  it('shares nothing between two merchants', async () => {
    const { channel, downloads } = rotating(() => listed(entries[0]));
    await channel().query(payment);
    await channel().query(payment);
    expect(downloads()).toHaveLength(2);
  });
});

describe('public-key mode', () => {
  it('downloads nothing, and names the key on every call', async () => {
    const site = gateway(() => ok(transaction));
    await site.channel().query(payment);
    expect(site.targets()).toHaveLength(1);
    expect(site.heard[0]?.request.headers['wechatpay-serial']).toBe(publicKeyId);
  });

  it('believes no certificate, and no other key', async () => {
    for (const told of [byFirst, { serial: `${publicKeyId}1` }]) {
      const site = gateway(() => ok(transaction, told));
      expect((await thrown(site.channel().query(payment))).code).toBe('REPLY_UNVERIFIED');
      expect(site.targets()).toHaveLength(1);
    }
  });

  it('believes both during the change-over', async () => {
    const config = {
      ...base,
      publicKey: { id: publicKeyId, key: pem(successor.publicKey) },
      certificates: true,
    };
    const signers = [byFirst, { key: successor.privateKey, serial: publicKeyId }, byFirst];
    const { channel, downloads } = rotating(() => listed(entries[0]));
    const own = channel(config);
    for (const signer of signers) {
      const { facts } = await own.receive(push(transaction, signer));
      expect(facts[0].status).toBe('succeeded');
    }
    expect(downloads()).toHaveLength(1);
  });

  it('goes on with the key when certificates cannot be had', async () => {
    const { channel } = rotating(
      () => failure(404, 'RESOURCE_NOT_EXISTS'),
      () => ok(transaction, { serial: publicKeyId }),
    );
    const own = channel({ ...keyConfig, certificates: true });
    expect((await own.query(payment)).status).toBe('succeeded');
  });
});

describe('probes', () => {
  const probe = { 'wechatpay-signature': 'WECHATPAY/SIGNTEST/0123456789abcdef' };

  it('are refused; a question is asked again, once', async () => {
    const site = gateway((_heard, count) =>
      count === 1 ? ok(transaction, { headers: probe }) : ok(transaction),
    );
    const channel = site.channel();
    expect((await channel.query(payment)).status).toBe('succeeded');
    expect(site.targets()).toHaveLength(2);
    expect(probesRefused(channel)).toBe(1);
    const always = gateway(() => ok(transaction, { headers: probe }));
    expect((await thrown(always.channel().query(payment))).code).toBe('REPLY_UNVERIFIED');
    expect(always.targets()).toHaveLength(2);
  });

  it('leave what moves unknown, and send it once', async () => {
    const site = gateway(() => ok({ code_url: 'weixin://x' }, { headers: probe }));
    const result = await site.channel().pay({
      scene: 'qr',
      merchantPaymentId: 'order_1',
      amount: { amount: 900, currency: 'CNY' },
      description: 'Tea',
    });
    expect(result).toMatchObject({ status: 'unknown', doubt: 'unverified-reply' });
    expect(site.targets()).toHaveLength(1);
  });

  it('are refused among notifications, and among lists of certificates', async () => {
    const channel = gateway(() => ok({})).channel();
    const error = await thrown(channel.receive(push(transaction, { headers: probe })));
    expect(error.code).toBe('NOTIFICATION_UNVERIFIED');
    expect(error.message).toMatch(/probe/);
    expect(probesRefused(channel)).toBe(1);
    expect(channel.acknowledge({ refused: error }).status).toBe(400);
    let count = 0;
    const list = rotating(() => {
      count += 1;
      return count === 1 ? { ...listed(entries[0]), headers: probe } : listed(entries[0]);
    });
    expect((await list.channel().query(payment)).status).toBe('succeeded');
    expect(list.downloads()).toHaveLength(2);
  });
});
