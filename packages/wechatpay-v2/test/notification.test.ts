import { describe, expect, it } from 'vitest';
import {
  apiKey,
  appId,
  cny,
  type Fields,
  failure,
  full,
  gateway,
  incoming,
  mchId,
  ok,
  paid,
  push,
  rejection,
  sealRefund,
  signOf,
  silence,
  thrown,
  xmlOf,
} from './gateway.ts';

const quiet = () => gateway(silence);
const receive = (message: ReturnType<typeof push>, config: object = full) =>
  quiet()
    .channel(config as never)
    .receive(message);

describe('a notification of a payment', () => {
  it('is opened without asking anybody', async () => {
    const site = quiet();
    const notification = await site.channel().receive(push());
    expect(notification.sentAt).toBe('2026-11-22T02:49:23.000Z');
    expect(notification.facts).toMatchObject([
      {
        noun: 'payment',
        status: 'succeeded',
        evidence: 'signed',
        amount: cny(900),
        payerAmount: cny(800),
        ref: { merchantId: 'order_1', channelId: paid.transaction_id },
      },
    ]);
    expect(site.heard).toHaveLength(0);
  });

  it.each([
    ['SUCCESS', { result_code: 'SUCCESS' }, { status: 'succeeded' }],
    ['PAY_FAIL', { result_code: 'SUCCESS' }, { status: 'failed', reason: 'other' }],
    [
      'PAY_FAIL',
      { result_code: 'FAIL', err_code: 'NOTENOUGH' },
      { status: 'failed', reason: 'insufficient-funds', channelCode: 'NOTENOUGH' },
    ],
  ])('of a deduction tells its end: %s', async (state, fields, expected) => {
    const told = { trade_type: 'PAP', contract_id: '2015', trade_state: state, ...fields };
    const { facts } = await receive(push(told));
    expect(facts).toMatchObject([{ noun: 'payment', ...expected }]);
  });

  it('is signed by the configured algorithm, whatever it says of its own', async () => {
    const config = { ...full, signType: 'MD5' };
    expect((await receive(push({}, 'MD5'), config)).facts).toHaveLength(1);
    const named = push({ sign_type: 'HMAC-SHA256' });
    expect((await receive(named)).facts).toHaveLength(1);
    for (const [message, against] of [
      [push({}, 'MD5'), full],
      [push({ sign_type: 'MD5' }, 'MD5'), full],
      [push({ sign_type: 'MD5' }), full],
      [push(), config],
      [push({ sign_type: 'HMAC-SHA256' }), config],
    ] as const) {
      expect((await thrown(receive(message, against))).code).toBe('NOTIFICATION_UNVERIFIED');
    }
  });

  const tampered = (change: (xml: string) => string) =>
    incoming(change(Buffer.from(push().body).toString()));

  it.each([
    ['an amount changed', (xml: string) => xml.replace('[900]', '[9]')],
    ['the sign removed', (xml: string) => xml.replace(/<sign>.*?<\/sign>/, '')],
    ['an empty sign', (xml: string) => xml.replace(/<sign>.*?<\/sign>/, '<sign></sign>')],
    [
      'an amount that stands twice',
      (xml: string) => xml.replace('<total_fee>', '<total_fee>1</total_fee><total_fee>'),
    ],
    ['a field added', (xml: string) => xml.replace('<xml>', '<xml><coupon_fee>1</coupon_fee>')],
    ['an XML bomb', (xml: string) => `<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>${xml}`],
    [
      'an external entity',
      (xml: string) => `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${xml}`,
    ],
    ['a comment', (xml: string) => xml.replace('<xml>', '<xml><!-- hello -->')],
    ['elements within elements', (xml: string) => xml.replace('<xml>', '<xml><a><b>1</b></a>')],
    ['what comes from v3', () => '{"id":"1","event_type":"TRANSACTION.SUCCESS"}'],
    ['nothing', () => ''],
    ['too much', (xml: string) => xml.replace('<xml>', `<xml><a>${'x'.repeat(70_000)}</a>`)],
  ])('is refused with %s', async (_, change) => {
    expect((await thrown(receive(tampered(change)))).code).toBe('NOTIFICATION_UNVERIFIED');
    expect((await receive(tampered((xml) => xml))).facts).toHaveLength(1);
  });

  it('has the same name each time, though the channel gives none', async () => {
    const first = await receive(push({ nonce_str: 'a' }));
    const second = await receive(push({ nonce_str: 'b' }));
    expect(first.eventId).toBe(second.eventId);
    expect((await receive(push({ out_trade_no: 'order_2' }))).eventId).not.toBe(first.eventId);
  });

  it.each([
    ['more than a day ago', '20261121104900', false],
    ['a little less ago', '20261121105000', true],
    ['in a moment', '20261122105300', true],
    ['tomorrow', '20261123104900', false],
  ])('of what happened %s', async (_, time, fresh) => {
    const config = { ...full, notificationMaxAgeMs: 86_400_000 };
    const opened = receive(push({ time_end: time }), config);
    if (fresh) expect((await opened).facts).toHaveLength(1);
    else expect((await thrown(opened)).code).toBe('NOTIFICATION_STALE');
  });

  it('that failed on its way tells nothing', async () => {
    const message = incoming(xmlOf({ return_code: 'FAIL', return_msg: 'x' }));
    expect((await thrown(receive(message))).code).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('of another merchant or application is foreign, though its sign fits', async () => {
    expect(await thrown(receive(push({ mch_id: '1900000000' })))).toMatchObject({
      code: 'NOTIFICATION_FOREIGN',
      field: 'mch_id',
    });
    expect(await thrown(receive(push({ appid: 'wx0' })))).toMatchObject({
      code: 'NOTIFICATION_FOREIGN',
      field: 'appid',
    });
    expect((await thrown(receive(push({ mch_id: '' })))).code).toBe('NOTIFICATION_UNVERIFIED');
  });
});

describe('a notification of a contract', () => {
  const told: Fields = {
    mch_id: mchId,
    contract_code: 'consent1',
    plan_id: '12535',
    openid: paid.openid,
    change_type: 'ADD',
    operate_time: '2026-11-22 10:49:20',
    contract_id: '201509160000028648',
    request_serial: '1',
  };
  const of = (fields: Fields, signType: 'MD5' | 'HMAC-SHA256' = 'MD5') =>
    incoming(xmlOf({ ...fields, sign: signOf(fields, signType) }));

  it.each([
    ['ADD', 'active'],
    ['DELETE', 'ended'],
  ])('%s', async (change, standing) => {
    const { facts, sentAt } = await receive(of({ ...told, change_type: change }));
    expect(sentAt).toBe('2026-11-22T02:49:20.000Z');
    expect(facts).toMatchObject([
      {
        noun: 'agreement',
        status: 'succeeded',
        standing,
        ref: { merchantId: 'consent1', channelId: '201509160000028648', handle: 'w2|plan|12535' },
      },
    ]);
  });

  it('that was signed with an order is told by the configured algorithm', async () => {
    expect((await receive(of(told, 'HMAC-SHA256'))).facts).toHaveLength(1);
    const error = await thrown(receive(of(told, 'HMAC-SHA256'), { ...full, signType: 'MD5' }));
    expect(error.code).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('is refused of another change, and with a byte changed', async () => {
    for (const message of [
      of({ ...told, change_type: 'RENEW' }),
      incoming(xmlOf({ ...told, change_type: 'DELETE', sign: signOf(told, 'MD5') })),
    ]) {
      expect((await thrown(receive(message))).code).toBe('NOTIFICATION_UNVERIFIED');
    }
  });
});

describe('a notification of a refund', () => {
  const info: Fields = {
    out_refund_no: 'refund_1',
    out_trade_no: 'order_1',
    refund_id: '50000708942018111907139970211',
    refund_fee: '300',
    refund_status: 'SUCCESS',
    success_time: '2026-11-22 10:49:13',
  };
  const message = (sealed = sealRefund(xmlOf(info, 'root')), more: Fields = {}) =>
    incoming(
      xmlOf({
        return_code: 'SUCCESS',
        appid: appId,
        mch_id: mchId,
        nonce_str: 'x',
        req_info: sealed,
        ...more,
      }),
    );
  const confirmed = (status = 'SUCCESS', fee = '300') =>
    ok({
      out_trade_no: 'order_1',
      refund_count: '1',
      out_refund_no_0: 'refund_1',
      refund_id_0: '50000708942018111907139970211',
      refund_fee_0: fee,
      refund_status_0: status,
    });

  it('is a reason to ask: the signed answer is what is told', async () => {
    const site = gateway(() => confirmed('SUCCESS', '200'));
    const { facts, sentAt } = await site.channel().receive(message());
    expect(sentAt).toBe('2026-11-22T02:49:13.000Z');
    expect(facts).toMatchObject([
      { noun: 'refund', status: 'succeeded', evidence: 'signed', amount: cny(200) },
    ]);
    expect(site.heard).toMatchObject([
      { path: '/pay/refundquery', fields: { out_refund_no: 'refund_1' } },
    ]);
  });

  it.each([
    ['silence', silence()],
    ['nothing there', failure('REFUNDNOTEXIST')],
    ['an answer without sign', { ...confirmed(), signed: false }],
    ['a refusal', rejection('签名错误')],
  ])('is not believed of %s', async (_, answer) => {
    const error = await thrown(
      gateway(() => answer)
        .channel()
        .receive(message()),
    );
    expect(error.code).toBe('NOTIFICATION_UNVERIFIED');
  });

  it('asks nobody when it cannot be opened, or is another merchant’s', async () => {
    const site = gateway(() => confirmed());
    const channel = site.channel();
    const sealed = sealRefund(xmlOf(info, 'root'));
    const flipped = Buffer.from(sealed, 'base64');
    flipped[flipped.byteLength - 1] = (flipped.at(-1) ?? 0) ^ 1;
    for (const bad of [
      message(sealRefund(xmlOf(info, 'root'), 'x'.repeat(32))),
      message(flipped.toString('base64')),
      message('!!!!'),
      message(sealRefund('<!DOCTYPE a><root><out_refund_no>refund_1</out_refund_no></root>')),
      message(
        sealRefund('<root><out_refund_no>1</out_refund_no><out_refund_no>2</out_refund_no></root>'),
      ),
    ]) {
      expect((await thrown(channel.receive(bad))).code).toBe('NOTIFICATION_UNVERIFIED');
    }
    const foreign = message(sealed, { mch_id: '1900000000' });
    expect((await thrown(channel.receive(foreign))).code).toBe('NOTIFICATION_FOREIGN');
    expect(site.heard).toHaveLength(0);
  });
});

describe('acknowledge', () => {
  const said = (outgoing: { body: Uint8Array }) => Buffer.from(outgoing.body).toString();

  it('says in XML what became of it', async () => {
    const channel = quiet().channel();
    const stored = await channel.receive(push());
    const answer = channel.acknowledge({ stored });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/xml; charset=utf-8' },
    });
    expect(said(answer)).toBe(
      '<xml><return_code><![CDATA[SUCCESS]]></return_code><return_msg><![CDATA[OK]]></return_msg></xml>',
    );
    for (const verdict of [{ refused: 'no' }, { again: 'later' }]) {
      expect(said(channel.acknowledge(verdict))).toContain('<![CDATA[FAIL]]>');
      expect(said(channel.acknowledge(verdict))).not.toContain(apiKey);
    }
  });
});
