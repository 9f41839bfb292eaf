import { secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import type { AlipayConfig } from '../src/index.ts';
import {
  appId,
  certificateConfig,
  certificates,
  clock,
  failure,
  gateway,
  keyConfig,
  merchant,
  order,
  payment,
  pem,
  platform,
  replyTo,
  signText,
  stranger,
  success,
  thrown,
  trade,
} from './gateway.ts';

const paid = success({
  ...trade,
  total_amount: '9.00',
  trade_status: 'TRADE_SUCCESS',
  send_pay_date: '2026-11-22 10:49:20',
});
const node = JSON.stringify(paid);
const signature = signText(node);
const queryNode = 'alipay_trade_query_response';

const query = (raw: string | Uint8Array, config: AlipayConfig = keyConfig) =>
  gateway(() => ({ raw }))
    .channel(config)
    .query(payment);
const cancel = (raw: string) =>
  gateway(() => ({ raw }))
    .channel()
    .reverse(payment);

describe('a request', () => {
  it('is the same bytes for the same call at the same time', async () => {
    const site = gateway(() => paid);
    await site.channel().query(payment);
    const { sign, ...parameters } = site.heard[0]!.parameters;
    expect(parameters).toMatchInlineSnapshot(`
      {
        "app_id": "2021000000000001",
        "biz_content": "{"out_trade_no":"order_1"}",
        "charset": "utf-8",
        "format": "JSON",
        "method": "alipay.trade.query",
        "sign_type": "RSA2",
        "timestamp": "2026-11-22 10:49:24",
        "version": "1.0",
      }
    `);
    expect(sign).toHaveLength(344);
    const { request } = site.heard[0]!;
    expect(request.method).toBe('POST');
    expect(request.url).toMatch(/^https:\/\/openapi\.alipay\.com\/gateway\.do\?/);
    expect(request.url).not.toContain('biz_content');
    expect(request.body).toBe('biz_content=%7B%22out_trade_no%22%3A%22order_1%22%7D');
  });

  it('carries both serial numbers in certificate mode', async () => {
    const site = gateway(() => paid);
    await site.channel(certificateConfig).query(payment);
    expect(site.heard[0]?.parameters.app_cert_sn).toMatch(/^[0-9a-f]{32}$/);
    expect(site.heard[0]?.parameters.alipay_root_cert_sn).toMatch(/^[0-9a-f]{32}$/);
  });

  it('may be signed elsewhere, by a function', async () => {
    const site = gateway(() => paid);
    const signed: Uint8Array[] = [];
    const sign = async (data: Uint8Array) => {
      signed.push(data);
      return Buffer.from(signText(data, merchant.privateKey), 'base64');
    };
    const found = await site.channel({ ...keyConfig, merchantKey: sign }).query(payment);
    expect(found.status).toBe('succeeded');
    expect(signed).toHaveLength(1);
  });

  it('is not sent when the signer fails', async () => {
    const site = gateway(() => paid);
    const sign = async () => {
      throw new Error('HSM out of reach');
    };
    const error = await thrown(
      site.channel({ ...keyConfig, merchantKey: sign }).pay({ ...order, scene: 'qr' }),
    );
    expect(error.code).toBe('NOT_SENT');
    expect(site.heard).toHaveLength(0);
  });

  it('parses the private key once, however many calls', async () => {
    let reads = 0;
    const key = secret(pem(merchant.privateKey));
    const reveal = Symbol.for('polyrail.secret.reveal');
    const counted = Object.create(key, {
      [reveal]: {
        value: () => {
          reads += 1;
          return (Reflect.get(key, reveal) as () => unknown)();
        },
      },
    });
    const channel = gateway(() => paid).channel({ ...keyConfig, merchantKey: counted });
    expect(reads).toBe(0);
    for (let call = 0; call < 5; call += 1) await channel.query(payment);
    expect(reads).toBe(1);
  });
});

describe('a reply', () => {
  it('is believed with a signature over its raw text', async () => {
    const raw = `{ "${queryNode}" :\n ${node} , "sign" : "${signature}" }`;
    expect((await query(raw)).status).toBe('succeeded');
  });

  it('is believed with slashes escaped, signed either way', async () => {
    const told = { ...paid, subject: 'a/b\\/c' };
    const plain = JSON.stringify(told);
    const escaped = plain.replaceAll('/', '\\/');
    for (const [sent, signed] of [
      [escaped, escaped],
      [escaped, plain],
      [plain, plain],
    ] as const) {
      const found = await query(`{"${queryNode}":${sent},"sign":"${signText(signed)}"}`);
      expect(found.status).toBe('succeeded');
      expect((found.raw as typeof told).subject).toBe('a/b\\/c');
    }
  });

  it('is not believed when a slash was smuggled past the escape', async () => {
    // What a blind replacement of \/ by / would take for the text that was signed.
    const signed = JSON.stringify({ ...paid, subject: 'a\\b' }).replace('\\\\b', '\\/b');
    const sent = signed.replace('\\/b', '\\\\/b');
    const error = await thrown(query(`{"${queryNode}":${sent},"sign":"${signText(signed)}"}`));
    expect(error.code).toBe('REPLY_UNVERIFIED');
  });

  it.each([
    ['an unsigned success', `{"${queryNode}":${node}}`, 'REPLY_UNVERIFIED'],
    ['an empty signature', `{"${queryNode}":${node},"sign":""}`, 'REPLY_UNVERIFIED'],
    ['a signature that is no text', `{"${queryNode}":${node},"sign":1}`, 'REPLY_UNVERIFIED'],
    ['no Base64', `{"${queryNode}":${node},"sign":"%%%%"}`, 'REPLY_UNVERIFIED'],
    [
      "a stranger's signature",
      `{"${queryNode}":${node},"sign":"${signText(node, stranger.privateKey)}"}`,
      'REPLY_UNVERIFIED',
    ],
    [
      "the merchant's own signature",
      `{"${queryNode}":${node},"sign":"${signText(node, merchant.privateKey)}"}`,
      'REPLY_UNVERIFIED',
    ],
    [
      'RSA where RSA2 is configured',
      `{"${queryNode}":${node},"sign":"${signText(node, platform.privateKey, 'sha1')}","sign_type":"RSA"}`,
      'REPLY_UNVERIFIED',
    ],
    [
      'a changed amount',
      `{"${queryNode}":${node.replace('9.00', '9.01')},"sign":"${signature}"}`,
      'REPLY_UNVERIFIED',
    ],
    [
      'an unsigned error',
      `{"error_response":${JSON.stringify(failure('isv.invalid-app-id', '40002'))}}`,
      'REPLY_UNVERIFIED',
    ],
    [
      'a success by the name of an error',
      `{"error_response":${node},"sign":"${signature}"}`,
      'REPLY_UNREADABLE',
    ],
    [
      'two nodes',
      `{"${queryNode}":${node},"${queryNode}":${node},"sign":"${signature}"}`,
      'REPLY_UNREADABLE',
    ],
    [
      'a node and an error',
      `{"${queryNode}":${node},"error_response":{},"sign":"${signature}"}`,
      'REPLY_UNREADABLE',
    ],
    [
      'two signatures',
      `{"${queryNode}":${node},"sign":"${signature}","sign":"x"}`,
      'REPLY_UNREADABLE',
    ],
    [
      "another call's node",
      `{"alipay_trade_pay_response":${node},"sign":"${signature}"}`,
      'REPLY_UNREADABLE',
    ],
    ['an encrypted node', `{"${queryNode}":"AAAA","sign":"${signature}"}`, 'REPLY_UNREADABLE'],
    ['HTML', '<html>502</html>', 'REPLY_UNREADABLE'],
    ['nothing', '', 'REPLY_UNREADABLE'],
    ['half of it', `{"${queryNode}":${node.slice(0, 40)}`, 'REPLY_UNREADABLE'],
    ['more than a megabyte', ' '.repeat(1024 * 1024 + 1), 'REPLY_UNREADABLE'],
  ])('is not believed: %s', async (_what, raw, code) => {
    expect((await thrown(query(raw))).code).toBe(code);
    const doubt = code === 'REPLY_UNVERIFIED' ? 'unverified-reply' : 'unreadable-reply';
    const moving = await cancel(raw.replaceAll(queryNode, 'alipay_trade_cancel_response'));
    if (raw.includes('trade_pay')) return;
    expect(moving).toMatchObject({ status: 'unknown', doubt });
  });

  it('is not believed with a member twice inside the signed node', async () => {
    const twice = node.replace('{', '{"trade_status":"TRADE_CLOSED",');
    const raw = `{"${queryNode}":${twice},"sign":"${signText(twice)}"}`;
    expect((await thrown(query(raw))).code).toBe('REPLY_UNREADABLE');
  });

  it('is not read in another charset', async () => {
    const gbk = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xb2, 0xe8]),
      Buffer.from('"}'),
    ]);
    const error = await thrown(query(gbk));
    expect(error.code).toBe('REPLY_UNREADABLE');
    expect(error.message).toContain('utf-8');
  });

  it('names the code of an unverified error as a hint, without believing it', async () => {
    const raw = `{"error_response":${JSON.stringify(failure('isv.invalid-app-id', '40002'))}}`;
    expect((await thrown(query(raw))).channelCode).toBe('isv.invalid-app-id');
  });

  it('is read in GBK where that is configured', async () => {
    const told = { ...paid, subject: 'tea' };
    const text = JSON.stringify(told).replace('tea', '@');
    const bytes = Buffer.concat(
      text
        .split('@')
        .flatMap((part, at) => [
          ...(at > 0 ? [Buffer.from([0xb2, 0xe8, 0x81, 0x5c, 0x81, 0x7b])] : []),
          Buffer.from(part),
        ]),
    );
    const raw = Buffer.concat([
      Buffer.from(`{"${queryNode}":`),
      bytes,
      Buffer.from(`,"sign":"${signText(bytes)}"}`),
    ]);
    const found = await query(raw, { ...keyConfig, charset: 'gbk' });
    expect(found.status).toBe('succeeded');
    expect((found.raw as typeof told).subject).toMatch(/^茶..$/);
  });

  it('with another status than 200 is no answer', async () => {
    const site = gateway(() => ({ raw: replyTo('alipay.trade.query', paid), status: 502 }));
    const error = await thrown(site.channel().query(payment));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'server-error' });
  });

  it('is refused when it names another certificate', async () => {
    const named = (serial: string) => replyTo('alipay.trade.query', paid, { serial });
    const error = await thrown(query(named('0'.repeat(32)), certificateConfig));
    expect(error.code).toBe('REPLY_UNVERIFIED');
    expect(error.message).toContain('certificate');
    const site = gateway(() => paid);
    const { serialOf } = await import('../src/certificates.ts');
    const { parseCertificates } = await import('@polyrail/kit/keys');
    const serial = serialOf(parseCertificates(certificates.platform)[0]!);
    expect((await query(named(serial), certificateConfig)).status).toBe('succeeded');
    expect((await site.channel(certificateConfig).query(payment)).status).toBe('succeeded');
  });

  it('that quotes our signed text loses the quotation', async () => {
    const quoted =
      '验签出错，网关生成的验签字符串为：app_id=1&amp;biz_content={"auth_code":"281234567890123456"}';
    const told = { ...failure('isv.invalid-signature', '40002'), sub_msg: quoted };
    const site = gateway(() => told);
    const error = await thrown(
      site.channel().pay({ ...order, scene: 'barcode', authCode: '281234567890123456' }),
    );
    expect(error).toMatchObject({ code: 'REFUSED', reason: 'credential-invalid' });
    expect(JSON.stringify(error)).not.toContain('281234567890123456');
  });
});

describe('the clock', () => {
  it('stamps requests in GMT+8 whatever the zone of this process', async () => {
    const site = gateway(() => paid);
    const late = { ...clock, now: () => Date.parse('2026-12-31T18:00:00.000Z') };
    const { createAlipay } = await import('../src/index.ts');
    await createAlipay(keyConfig, { transport: site.transport, clock: late }).query(payment);
    expect(site.heard[0]?.parameters.timestamp).toBe('2027-01-01 02:00:00');
    expect(site.heard[0]?.parameters.app_id).toBe(appId);
  });
});
