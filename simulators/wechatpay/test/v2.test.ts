/** API v2 over the book of v3: envelope, signatures, orders, refunds, bills, contracts. */
import { request as requestTls } from 'node:https';
import { issueCertificate, mintAuthority } from '@polyrail/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { startWechatPay, type WechatPaySite } from '../src/index.ts';
import { call, type Fields, query, send, start, terms } from './client.ts';
import { callV2, fieldsIn, openInfo, post, signed, signOf, unified, xml } from './v2-client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const ok = '<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>';
function hear(answer: () => string = () => ok): { fields: Fields; at: number; type: string }[] {
  const heard: { fields: Fields; at: number; type: string }[] = [];
  site.listen(async ({ body, headers }) => {
    const fields = fieldsIn(Buffer.from(body).toString('utf8'));
    heard.push({ fields, at: site.clock.now(), type: String(headers['content-type']) });
    return { status: 200, headers: {}, body: Buffer.from(answer()) };
  });
  return heard;
}

describe('the envelope', () => {
  const raw = async (body: string | Uint8Array) =>
    fieldsIn((await send(site, { target: '/pay/orderquery', body })).text);

  it('answers 200 with an unsigned message when communication fails', async () => {
    site = await start();
    const failure = async (fields: Fields) => {
      const answer = await post(site, '/pay/orderquery', fields);
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.fields)).toEqual(['return_code', 'return_msg']);
      return answer.fields['return_msg'];
    };
    const good = signed(site.credentials, { out_trade_no: 'order_1' });
    expect(await failure({ ...good, sign: 'A'.repeat(32) })).toBe('签名错误');
    expect(await failure({ ...good, sign: '' })).toBe('缺少参数sign');
    expect(await failure({ ...good, nonce_str: '' })).toBe('缺少参数nonce_str');
    expect(await failure({ ...good, mch_id: '' })).toBe('缺少参数mch_id');
    expect(await failure({ ...good, mch_id: '1900000000' })).toBe('mch_id参数错误');
    expect(await failure({ ...good, appid: 'wx1' })).toBe('appid和mch_id不匹配');
    expect(await failure({ ...good, sign_type: 'SHA1' })).toBe('签名类型错误');
    const { text } = await send(site, { target: '/pay/orderquery' });
    expect(fieldsIn(text)['return_msg']).toBe('请使用post方法');
    expect((await send(site, { target: '/pay/nothing', body: '' })).status).toBe(404);
  });

  it.each([
    ['a document type', '<!DOCTYPE xml [<!ENTITY a "b">]><xml><appid>&a;</appid></xml>'],
    ['an external entity', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><a>1</a></xml>'],
    [
      'a bomb',
      `<!DOCTYPE x [<!ENTITY a "${'x'.repeat(99)}"><!ENTITY b "&a;&a;">]><xml><c>&b;</c></xml>`,
    ],
    ['a member twice', '<xml><appid>a</appid><appid>b</appid></xml>'],
    ['a member inside a member', '<xml><appid><x>a</x></appid></xml>'],
    ['two roots', '<xml><appid>a</appid></xml><xml><appid>b</appid></xml>'],
    ['an open end', '<xml><appid>a</appid>'],
    ['JSON', '{"appid":"a"}'],
    ['bytes that are no UTF-8', Buffer.from([0x3c, 0x78, 0x3e, 0xff, 0x3c, 0x2f, 0x78, 0x3e])],
    ['more than it reads', `<xml><appid>${'a'.repeat(70_000)}</appid></xml>`],
  ])('refuses %s', async (_, body) => {
    site = await start();
    expect(await raw(body)).toEqual({ return_code: 'FAIL', return_msg: 'XML格式错误' });
  });

  it('reads entities and CDATA alike, and signs what they stand for', async () => {
    site = await start();
    const fields = signed(site.credentials, unified('order_1', { attach: ' a&b<c ' }));
    const escaped = Object.entries(fields)
      .map(
        ([name, value]) =>
          `<${name}>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`,
      )
      .join('\n  ');
    const headers = { 'content-type': 'application/xml' };
    const body = `<?xml version="1.0"?>\n<root>\n  ${escaped}\n</root>`;
    const { text } = await send(site, { target: '/pay/unifiedorder', body, headers });
    expect(fieldsIn(text)['result_code']).toBe('SUCCESS');
    await site.payer.approve('order_1');
    const found = await callV2(site, '/pay/orderquery', { out_trade_no: 'order_1' });
    expect(found['attach']).toBe(' a&b<c ');
  });

  it('answers in the signature it was asked in', async () => {
    site = await start();
    const answers = await Promise.all(
      [{}, { sign_type: 'MD5' }, { sign_type: 'HMAC-SHA256' }].map((more) =>
        callV2(site, '/pay/unifiedorder', unified('order_1', more)),
      ),
    );
    expect(answers.map(({ sign = '' }) => sign.length)).toEqual([32, 32, 64]);
    expect(answers.every(({ return_msg }) => return_msg === 'OK')).toBe(true);
    site.faults.arm({ fault: 'bad-signature' });
    await expect(callV2(site, '/pay/orderquery', { out_trade_no: 'order_1' })).rejects.toThrow(
      'unverified',
    );
  });
});

describe('orders', () => {
  it('made over v2 are seen over v3, and the other way round', async () => {
    site = await start();
    await callV2(site, '/pay/unifiedorder', unified('order_1'));
    expect((await query(site, 'order_1')).json['trade_state']).toBe('NOTPAY');
    await site.payer.approve('order_1');
    expect((await query(site, 'order_1')).json).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'NATIVE',
    });
    await call(site, 'POST /v3/pay/transactions/native', terms(site.credentials, 'order_2'));
    const found = await callV2(site, '/pay/orderquery', { out_trade_no: 'order_2' });
    expect(found).toMatchObject({
      trade_state: 'NOTPAY',
      trade_state_desc: '订单未支付',
      total_fee: '100',
    });
    expect(found).not.toHaveProperty('transaction_id');
  });

  it('of every product answer what its client needs', async () => {
    site = await start();
    const make = (id: string, more: object) => callV2(site, '/pay/unifiedorder', unified(id, more));
    expect((await make('order_1', {}))['code_url']).toMatch(/^weixin:/);
    expect((await make('order_2', { trade_type: 'JSAPI', openid: 'o1' }))['prepay_id']).toMatch(
      /^wx/,
    );
    expect(await make('order_3', { trade_type: 'APP' })).not.toHaveProperty('code_url');
    expect((await make('order_4', { trade_type: 'MWEB', scene_info: '{}' }))['mweb_url']).toMatch(
      /^https:/,
    );
    const code = async (more: object) => (await make('order_9', more))['err_code'];
    expect(await code({ trade_type: 'JSAPI' })).toBe('LACK_PARAMS');
    expect(await code({ trade_type: 'FACE' })).toBe('PARAM_ERROR');
    expect(await code({ total_fee: '1.0' })).toBe('PARAM_ERROR');
    expect(await code({ notify_url: '' })).toBe('LACK_PARAMS');
    expect(await code({ time_expire: '20261124150830' })).toBe('PARAM_ERROR');
    const again = await make('order_1', { total_fee: 99 });
    expect(again).toMatchObject({
      err_code: 'INVALID_REQUEST',
      err_code_des: '201 商户订单号重复',
    });
  });

  it('are closed, and paid ones are not', async () => {
    site = await start();
    const close = (out_trade_no: string) => callV2(site, '/pay/closeorder', { out_trade_no });
    await callV2(site, '/pay/unifiedorder', unified('order_1'));
    expect((await close('order_1'))['result_code']).toBe('SUCCESS');
    expect((await close('order_9'))['err_code']).toBe('ORDERNOTEXIST');
    expect((await callV2(site, '/pay/unifiedorder', unified('order_1')))['err_code']).toBe(
      'ORDERCLOSED',
    );
    await callV2(site, '/pay/unifiedorder', unified('order_2'));
    await site.payer.approve('order_2');
    expect((await close('order_2'))['err_code']).toBe('ORDERPAID');
  });

  it('are told until the word SUCCESS comes back in XML', async () => {
    site = await start();
    const answers = ['SUCCESS', '{"code":"SUCCESS"}', ok];
    const heard = hear(() => answers.shift() ?? '');
    await callV2(site, '/pay/unifiedorder', unified('order_1', { sign_type: 'HMAC-SHA256' }));
    await site.payer.approve('order_1');
    await site.clock.advance(3_600_000);
    expect(heard).toHaveLength(3);
    const { fields, type } = heard[0]!;
    expect(type).toBe('text/xml');
    expect(fields).toMatchObject({
      out_trade_no: 'order_1',
      time_end: '20261124150809',
      cash_fee: '100',
    });
    expect(signOf(fields, site.credentials.apiKey)).toBe(fields['sign']);
    site.faults.arm({ fault: 'foreign-signature', operation: 'pay' });
    site.faults.arm({ fault: 'wrong-amount', operation: 'pay' });
    await callV2(site, '/pay/unifiedorder', unified('order_2'));
    await site.payer.approve('order_2');
    await site.clock.advance(0);
    const struck = heard.at(-1)!.fields;
    expect(struck['total_fee']).toBe('101');
    expect(signOf(struck, site.credentials.apiKey)).not.toBe(struck['sign']);
  });

  it('by barcode: the payer declines, or lets the time run out', async () => {
    site = await start();
    const bar = (id: string, more: object = {}) => {
      const { notify_url: _n, trade_type: _t, product_id: _p, ...rest } = unified(id);
      return callV2(site, '/pay/micropay', { ...rest, auth_code: '134567890123456789', ...more });
    };
    const state = async (out_trade_no: string) =>
      (await callV2(site, '/pay/orderquery', { out_trade_no }))['trade_state'];
    const heard = hear();
    expect(await bar('bar_1')).toMatchObject({
      trade_type: 'MICROPAY',
      time_end: '20261124150809',
    });
    site.faults.arm({ fault: 'user-paying', times: 3 });
    expect((await bar('bar_2'))['err_code']).toBe('USERPAYING');
    expect((await bar('bar_2'))['err_code']).toBe('USERPAYING');
    await site.payer.decline('bar_2');
    expect(await state('bar_2')).toBe('PAYERROR');
    await bar('bar_3', { time_expire: '20261124150909' });
    await site.clock.advance(60_000);
    expect(await state('bar_3')).toBe('PAYERROR');
    expect((await bar('bar_4', { auth_code: '28' }))['err_code']).toBe('AUTH_CODE_INVALID');
    await bar('bar_5');
    const reverse = await callV2(site, '/secapi/pay/reverse', { out_trade_no: 'bar_5' });
    expect(reverse['recall']).toBe('N');
    expect(await state('bar_5')).toBe('REVOKED');
    expect(heard).toHaveLength(0);
  });
});

describe('refunds and bills', () => {
  it('are told with what matters encrypted', async () => {
    site = await start();
    const heard = hear();
    await callV2(site, '/pay/unifiedorder', unified('order_1'));
    await site.payer.approve('order_1');
    const wish = { out_trade_no: 'order_1', out_refund_no: 'r1', total_fee: 100, refund_fee: 30 };
    const notify = { notify_url: 'https://shop.example/refund' };
    expect(await callV2(site, '/secapi/pay/refund', { ...wish, ...notify })).toMatchObject({
      refund_fee: '30',
    });
    const find = () => callV2(site, '/pay/refundquery', { out_trade_no: 'order_1' });
    expect((await find())['refund_status_0']).toBe('PROCESSING');
    await site.clock.advance(3_000);
    expect(await find()).toMatchObject({
      refund_status_0: 'SUCCESS',
      refund_success_time_0: '2026-11-24 15:08:12',
    });
    const { fields } = heard.at(-1)!;
    expect(fields).not.toHaveProperty('sign');
    expect(openInfo(fields['req_info'] ?? '', site.credentials.apiKey)).toMatchObject({
      out_refund_no: 'r1',
      refund_status: 'SUCCESS',
      success_time: '2026-11-24 15:08:12',
    });
    const other = await callV2(site, '/secapi/pay/refund', { ...wish, refund_fee: 31 });
    expect(other['err_code']).toBe('PARAM_ERROR');
    const none = await callV2(site, '/pay/refundquery', { out_refund_no: 'r9' });
    expect(none['err_code']).toBe('REFUNDNOTEXIST');
    site.faults.arm({ fault: 'refund-told-in-xml', operation: 'REFUND.SUCCESS' });
    await call(site, 'POST /v3/refund/domestic/refunds', {
      out_trade_no: 'order_1',
      out_refund_no: 'r2',
      amount: { refund: 1, total: 100, currency: 'CNY' },
      ...notify,
    });
    await site.clock.advance(3_000);
    const info = openInfo(heard.at(-1)!.fields['req_info'] ?? '', site.credentials.apiKey);
    expect(info['out_refund_no']).toBe('r2');
  });

  it('answer the file itself, or say in words why there is none', async () => {
    site = await start();
    const ask = (path: string, more: object = {}) =>
      post(site, path, signed(site.credentials, { bill_date: '20261124', ...more }));
    expect((await ask('/pay/downloadbill')).fields).toMatchObject({ return_msg: 'Bill Creating' });
    await callV2(site, '/pay/unifiedorder', unified('order_1'));
    await site.payer.approve('order_1');
    await site.settle('2026-11-24');
    const bill = await ask('/pay/downloadbill', { bill_type: 'ALL' });
    expect(bill.text).toContain('`order_1,`');
    const zipped = await ask('/pay/downloadbill', { tar_type: 'GZIP' });
    expect(zipped.bytes.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    await site.settle('2026-11-23');
    const none = await ask('/pay/downloadbill', { bill_date: '20261123' });
    expect(none.fields).toMatchObject({
      return_code: 'FAIL',
      return_msg: 'No Bill Exist',
      error_code: '20002',
    });
    expect((await ask('/pay/downloadbill', { bill_type: 'X' })).fields['return_msg']).toBe(
      'invalid bill_type',
    );
    const hmac = { account_type: 'Basic', sign_type: 'HMAC-SHA256' };
    const funds = await ask('/pay/downloadfundflow', hmac);
    expect(funds.headers['digest']).toMatch(/^SHA=[0-9a-f]{40}$/);
    expect(funds.text).toContain('`收入,`1.00,');
    const md5 = await ask('/pay/downloadfundflow', { account_type: 'Basic' });
    expect(md5.fields['return_msg']).toMatch(/HMAC-SHA256/);
  });
});

describe('contracts', () => {
  const contract = {
    plan_id: '12535',
    contract_code: 'C1',
    request_serial: '1695',
    contract_display_account: '微信代扣',
  };

  it('are signed on a page, charged, found and ended', async () => {
    site = await start();
    const heard = hear();
    const { appId: appid, mchId: mch_id, apiKey } = site.credentials;
    const fields = {
      appid,
      mch_id,
      ...contract,
      notify_url: 'https://shop.example/papay',
      version: '1.0',
      timestamp: '1795503600',
    };
    const page = new URLSearchParams({ ...fields, sign: signOf(fields, apiKey) });
    const opened = await send(site, { target: `/papay/entrustweb?${page}` });
    expect(opened.status).toBe(302);
    const find = () =>
      callV2(
        site,
        '/papay/querycontract',
        { plan_id: '12535', contract_code: 'C1', version: '1.0' },
        {},
      );
    expect((await find())['contract_state']).toBe('9');
    const target =
      new URL(opened.headers['location'] ?? '').pathname +
      new URL(opened.headers['location'] ?? '').search;
    expect((await send(site, { target })).text).toContain('微信代扣');
    const ticket = new URL(opened.headers['location'] ?? '').searchParams.get('ticket') ?? '';
    await send(site, { target: '/_sim/cashier', body: `ticket=${ticket}&decision=approve` });
    const found = await find();
    expect(found).toMatchObject({ contract_state: '0', request_serial: '1695' });
    const contract_id = found['contract_id'] ?? '';
    const { trade_type: _t, product_id: _p, ...rest } = unified('order_1');
    const apply = { ...rest, trade_type: 'PAP', contract_id };
    expect((await callV2(site, '/pay/pappayapply', apply))['result_code']).toBe('SUCCESS');
    await callV2(site, '/pay/pappayapply', apply);
    const state = () => callV2(site, '/pay/paporderquery', { out_trade_no: 'order_1' });
    expect((await state())['trade_state']).toBe('ACCEPT');
    await site.clock.advance(2_000);
    expect((await state())['trade_state']).toBe('SUCCESS');
    expect(site.agreement('C1')).toMatchObject({ active: true, charges: 1 });
    const end = { contract_id, contract_termination_remark: '解约', version: '1.0' };
    expect((await callV2(site, '/papay/deletecontract', end, {}))['result_code']).toBe('SUCCESS');
    expect(await find()).toMatchObject({ contract_state: '1', contract_termination_mode: '3' });
    expect(
      (await callV2(site, '/pay/pappayapply', { ...apply, out_trade_no: 'order_2' }))['err_code'],
    ).toBe('CONTRACTERROR');
    await site.clock.advance(0);
    expect(heard.map(({ fields: told }) => told['change_type'] ?? told['trade_state'])).toEqual([
      'ADD',
      'SUCCESS',
      'DELETE',
    ]);
  });

  it('are signed by paying, or refused while the payment goes on', async () => {
    site = await start();
    const { mchId: contract_mchid, appId: contract_appid } = site.credentials;
    const both = {
      contract_mchid,
      contract_appid,
      contract_notify_url: 'https://shop.example/papay',
    };
    const order = (id: string, code: string) =>
      callV2(site, '/pay/contractorder', {
        ...unified(id),
        ...contract,
        ...both,
        contract_code: code,
      });
    expect(await order('order_1', 'C1')).toMatchObject({
      contract_result_code: 'SUCCESS',
      code_url: expect.any(String),
    });
    await site.payer.approve('order_1');
    expect(site.agreement('C1')).toMatchObject({ active: true, signed: 1 });
    site.faults.arm({ fault: 'contract-refused' });
    expect(await order('order_2', 'C2')).toMatchObject({
      result_code: 'SUCCESS',
      contract_result_code: 'FAIL',
    });
    await site.payer.approve('order_2');
    expect(site.agreement('C2')).toBeUndefined();
    expect(site.book('order_2')).toMatchObject({ debits: 1 });
  });
});

describe('client certificates', () => {
  it('are demanded over TLS where the channel demands them', async () => {
    site = await startWechatPay({ shareKeys: true });
    const { merchantCert, merchantPrivateKey } = site.credentials;
    const { url = '', authority: ca = '' } = site.secure ?? {};
    await callV2(site, '/pay/unifiedorder', unified('order_1'));
    await site.payer.approve('order_1');
    const wish = { out_trade_no: 'order_1', out_refund_no: 'r1', total_fee: 100, refund_fee: 30 };
    const body = xml(signed(site.credentials, wish));
    const ask = (path: string, identity: object) =>
      new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const options = { method: 'POST', ca, agent: false, ...identity } as const;
        const asked = requestTls(`${url}${path}`, options, (incoming) => {
          let text = '';
          incoming.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          incoming.on('end', () => resolve({ status: incoming.statusCode, text }));
        });
        asked.on('error', reject);
        asked.end(body);
      });
    const bare = await ask('/secapi/pay/refund', {});
    expect([bare.status, bare.text]).toEqual([
      400,
      expect.stringContaining('No required SSL certificate was sent'),
    ]);
    const now = Date.now();
    const stranger = await mintAuthority({ subject: { commonName: 'Stranger' }, now });
    const stray = await issueCertificate(stranger, {
      subject: { commonName: 'x' },
      usage: 'client',
      now,
    });
    const strange = await ask('/secapi/pay/refund', {
      key: stray.privateKeyPem,
      cert: stray.certificatePem,
    });
    expect([strange.status, strange.text]).toEqual([
      400,
      expect.stringContaining('The SSL certificate error'),
    ]);
    const other = await site.enroll();
    const wrong = await ask('/secapi/pay/refund', {
      key: other.merchantPrivateKey,
      cert: other.merchantCert,
    });
    expect(fieldsIn(wrong.text)['err_code']).toBe('CA_ERROR');
    expect(site.book('order_1')).toMatchObject({ refunds: 0 });
    const good = await ask('/secapi/pay/refund', { key: merchantPrivateKey, cert: merchantCert });
    expect(fieldsIn(good.text)['result_code']).toBe('SUCCESS');
    expect(site.book('order_1')).toMatchObject({ refunds: 1 });
    const open = await ask('/pay/orderquery', {});
    expect(fieldsIn(open.text)['trade_state']).toBe('REFUND');
  });
});
