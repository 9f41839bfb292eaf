/** Transfers that their payee confirms, contracts and deductions, balances. */
import { constants, createHash, publicEncrypt } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import {
  call,
  collect,
  type Json,
  native,
  notifyUrl,
  paid,
  query,
  refund,
  send,
  signedSend,
  start,
} from './client.ts';

let site: WechatPaySite;
afterEach(() => site.stop());

const bills = '/v3/fund-app/mch-transfer/transfer-bills';
const report = [
  { info_type: '活动名称', info_content: '新会员有礼' },
  { info_type: '奖励说明', info_content: '注册会员抽奖一等奖' },
];
const transfer = (outBillNo: string, more: object = {}, headers = {}) =>
  call(
    site,
    `POST ${bills}`,
    {
      appid: site.credentials.appId,
      out_bill_no: outBillNo,
      transfer_scene_id: '1000',
      openid: 'o-MYE42l80oelYMDE34nYD456Xoy',
      transfer_amount: 400,
      transfer_remark: '新会员开通有礼',
      notify_url: notifyUrl,
      transfer_scene_report_infos: report,
      ...more,
    },
    { headers },
  );
const bill = (outBillNo: string) => call(site, `GET ${bills}/out-bill-no/${outBillNo}`);

describe('a transfer', () => {
  it('waits for its payee, who confirms it, and is told', async () => {
    site = await start();
    const told = collect(site);
    const { json } = await transfer('B1');
    expect(json).toEqual({
      create_time: '2026-11-24T15:08:09+08:00',
      out_bill_no: 'B1',
      package_info: expect.any(String),
      state: 'WAIT_USER_CONFIRM',
      transfer_bill_no: expect.stringMatching(/^133\d+$/),
    });
    expect((await transfer('B1')).json).toEqual(json);
    expect((await transfer('B1', { transfer_amount: 401 })).json['code']).toBe('ALREADY_EXISTS');
    expect(site.payout('B1')).toMatchObject({ transfers: 0, paid: 0 });
    await site.payer.approve('B1');
    await site.clock.advance(0);
    expect((await bill('B1')).json).toMatchObject({ state: 'SUCCESS', transfer_amount: 400 });
    expect(site.payout('B1')).toMatchObject({ transfers: 1, paid: 400 });
    expect(told.at(-1)?.envelope).toMatchObject({
      event_type: 'MCHTRANSFER.BILL.FINISHED',
      resource: { associated_data: 'mch_payment' },
    });
    expect(told.at(-1)?.news).toMatchObject({ out_bill_no: 'B1', state: 'SUCCESS' });
    const byNumber = await call(site, `GET ${bills}/transfer-bill-no/${json['transfer_bill_no']}`);
    expect(byNumber.json['out_bill_no']).toBe('B1');
    expect((await bill('B2')).json).toEqual({ code: 'NOT_FOUND', message: '记录不存在' });
  });

  it('is cancelled, runs out, or fails late, and the money comes back', async () => {
    site = await start({ openingBalance: 1_000 });
    const balance = async () => (await call(site, 'GET /v3/merchant/fund/balance/BASIC')).json;
    const cancel = (id: string) => call(site, `POST ${bills}/out-bill-no/${id}/cancel`);
    await transfer('B1');
    expect(await balance()).toEqual({ available_amount: 600, pending_amount: 400 });
    expect((await cancel('B1')).json['state']).toBe('CANCELING');
    await site.clock.advance(1_000);
    expect((await cancel('B1')).json['state']).toBe('CANCELLED');
    await transfer('B2');
    await site.clock.advance(24 * 3_600_000);
    expect((await bill('B2')).json).toMatchObject({ state: 'FAIL', fail_reason: 'OVERDUE_CLOSE' });
    site.faults.arm({ fault: 'payout-fails-late', afterMs: 5_000 });
    await transfer('B3');
    await site.payer.approve('B3');
    expect((await bill('B3')).json['state']).toBe('TRANSFERING');
    expect((await cancel('B3')).status).toBe(400);
    await site.clock.advance(5_000);
    expect((await bill('B3')).json['fail_reason']).toBe('PAYEE_ACCOUNT_ABNORMAL');
    expect(await balance()).toEqual({ available_amount: 1_000, pending_amount: 0 });
    site.faults.arm({ fault: 'payout-processing', afterMs: 5_000 });
    const { json } = await transfer('B4');
    expect([json['state'], json['package_info']]).toEqual(['PROCESSING', undefined]);
    await site.clock.advance(5_000);
    expect((await bill('B4')).json['state']).toBe('WAIT_USER_CONFIRM');
    await site.payer.decline('B4');
    expect((await bill('B4')).json['state']).toBe('FAIL');
    expect((await transfer('B5', { transfer_amount: 1_001 })).json['code']).toBe('NOT_ENOUGH');
  });

  it('is checked member by member', async () => {
    site = await start();
    const said = async (more: object, headers = {}) =>
      (await transfer('B1', more, headers)).json['message'];
    expect(await said({ colour: null })).toBe('请求中含有未在API文档中定义的参数');
    expect(await said({ transfer_scene_id: '1005' })).toBe('需传入转账场景报备信息，请检查');
    expect(await said({ transfer_scene_id: '9' })).toBe('你尚未获取该转账场景');
    expect(await said({ transfer_amount: 200_000 })).toMatch(/user_name/);
    const { platformCert, platformCertSerial } = site.credentials;
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const name = publicEncrypt({ key: platformCert, padding }, Buffer.from('张三')).toString(
      'base64',
    );
    const headers = { 'wechatpay-serial': platformCertSerial };
    const more = { transfer_amount: 200_000, user_name: name };
    expect(await said(more)).toMatch(/缺少微信支付平台证书序列号/);
    expect(await said({ ...more, user_name: 'plain' }, headers)).toMatch(/加密后的密文/);
    expect(await said(more, headers)).toBeUndefined();
  });
});

describe('a contract', () => {
  const contractPath = '/v3/papay/sign/contracts/plan-id/12535/out-contract-code/C1';
  const sign = (more: object = {}) =>
    call(site, 'POST /v3/papay/scheduled-deduct-sign/contracts/pre-entrust-sign/h5', {
      appid: site.credentials.appId,
      plan_id: 12_535,
      out_contract_code: 'C1',
      contract_display_account: '微信代扣',
      contract_notify_url: notifyUrl,
      ...more,
    });
  const apply = (outTradeNo: string, contractId: string, total = 100) =>
    call(site, 'POST /v3/papay/pay/transactions/apply', {
      appid: site.credentials.appId,
      out_trade_no: outTradeNo,
      description: '会员',
      transaction_notify_url: notifyUrl,
      contract_id: contractId,
      amount: { total, currency: 'CNY' },
    });

  it('is signed, charged once per number, and ended', async () => {
    site = await start();
    const told = collect(site);
    const made = await sign();
    expect(made.json['redirect_url']).toContain('/_sim/cashier?ticket=');
    expect((await call(site, `GET ${contractPath}`)).status).toBe(404);
    await site.payer.approve('C1');
    const { json } = await call(site, `GET ${contractPath}`);
    expect(json).toMatchObject({
      contract_state: 'SIGNED',
      out_contract_code: 'C1',
      plan_id: 12_535,
    });
    expect((await sign()).status).toBe(400);
    const id = json['contract_id'];
    expect((await apply('deduct-1', id)).json).toEqual({
      amount: { currency: 'CNY', total: 100 },
      out_trade_no: 'deduct-1',
    });
    await apply('deduct-1', id);
    expect((await query(site, 'deduct-1')).json['trade_state']).toBe('ACCEPT');
    await site.clock.advance(2_000);
    expect((await query(site, 'deduct-1')).json).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'PAP',
    });
    expect(site.book('deduct-1')).toMatchObject({ debits: 1, paid: 100 });
    site.faults.arm({ fault: 'deduction-fails-late' });
    await apply('deduct-2', id);
    await site.clock.advance(2_000);
    expect((await query(site, 'deduct-2')).json['trade_state']).toBe('PAY_FAIL');
    expect(site.agreement('C1')).toMatchObject({ active: true, signed: 1, charges: 1 });
    const remark = { contract_termination_remark: '用户要求' };
    const ended = await call(site, `POST ${contractPath}/terminate`, remark);
    expect(ended.json).toMatchObject({
      contract_state: 'TERMINATED',
      contract_terminate_info: { contract_termination_mode: 'MCH_API_TERMINATE' },
    });
    expect((await apply('deduct-3', id)).status).toBe(403);
    await site.clock.advance(0);
    expect(told.map(({ envelope }) => envelope['event_type'])).toEqual([
      'ENTRUST.SIGN',
      'TRANSACTION.SUCCESS',
      'TRANSACTION.FAIL',
      'ENTRUST.TERMINATE',
    ]);
  });

  it('is charged what was announced', async () => {
    site = await start();
    await sign();
    await site.payer.approve('C1');
    const id = (await call(site, `GET ${contractPath}`)).json['contract_id'];
    const { appId: appid, mchId: mchid } = site.credentials;
    const path = `/v3/papay/pay/schedules/contract-id/${id}`;
    expect((await call(site, `GET ${path}`)).json).toEqual({ schedule_state: 'NO_SCHEDULED' });
    const amount = { total: 200, currency: 'CNY' };
    await call(site, `POST ${path}/schedule`, { appid, schedule_amount: amount });
    expect((await apply('deduct-1', id)).status).toBe(400);
    expect((await apply('deduct-2', id, 200)).status).toBe(200);
    const announced = await call(site, `POST /v3/papay/contracts/${id}/notify`, { mchid, appid });
    expect(announced.status).toBe(204);
    await site.payer.decline('C1');
    const { json } = await call(site, `GET ${contractPath}`);
    expect(json['contract_terminate_info'].contract_termination_mode).toBe('USER_TERMINATE');
  });
});

describe('bills', () => {
  const ask = (what: string, date = '2026-11-24', more = '') =>
    call(site, `GET /v3/bill/${what}?bill_date=${date}${more}`);
  const lines = (text: string) => text.replace(/^\u{feff}/u, '').split('\r\n');
  const download = async (json: Json) =>
    signedSend(site, {
      target: String(json['download_url']).slice(site.url.length),
    });

  it('come at ten the next morning, or when the day is settled', async () => {
    site = await start();
    await paid(site, 'order-1');
    expect((await ask('tradebill')).json['code']).toBe('PARAM_ERROR');
    await site.clock.advanceTo(Date.parse('2026-11-25T09:59:00+08:00'));
    expect((await ask('tradebill')).json['code']).toBe('STATEMENT_CREATING');
    await site.clock.advance(60_000);
    expect((await ask('tradebill')).status).toBe(200);
    expect((await ask('tradebill', '2026-11-23')).json['code']).toBe('NO_STATEMENT_EXIST');
    expect((await ask('tradebill', '2026-11-25')).json['code']).toBe('PARAM_ERROR');
    await paid(site, 'order-2');
    await site.settle('2026-11-25');
    expect((await ask('tradebill', '2026-11-25')).status).toBe(200);
  });

  it('hold payments and refunds, each cell behind a back-tick, with their hash', async () => {
    site = await start();
    await paid(site, 'order-1', 1_234);
    await refund(site, 'order-1', 'r1', { refund: 34, total: 1_234 });
    await native(site, 'order-2');
    await site.settle('2026-11-24');
    const { json } = await ask('tradebill');
    const answer = await download(json);
    expect(answer.headers).not.toHaveProperty('wechatpay-signature');
    expect(answer.bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(createHash('sha1').update(answer.bytes).digest('hex')).toBe(json['hash_value']);
    const all = lines(answer.text);
    expect(all.at(-1)).toBe('');
    const [header = '', pay = '', back = '', , summary] = all;
    expect(header.split(',')).toHaveLength(27);
    const { appId, mchId } = site.credentials;
    expect(pay).toMatch(new RegExp(`^\`2026-11-24 15:08:09,\`${appId},\`${mchId},\`0,\`,\`42000`));
    expect(pay.split(',`')).toHaveLength(27);
    expect(back.split(',`')).toHaveLength(27);
    expect(back).toContain(',`REFUND,');
    expect(summary).toBe('`2,`12.34,`0.34,`0.00,`0.00000,`12.34,`0.34');
    const zipped = (await ask('tradebill', '2026-11-24', '&tar_type=GZIP')).json;
    expect(zipped['download_url']).toMatch(/token=\w+&tartype=gzip$/);
    const unzipped = gunzipSync((await download(zipped)).bytes);
    expect(createHash('sha1').update(unzipped).digest('hex')).toBe(zipped['hash_value']);
    for (const [type, columns, rows] of [
      ['SUCCESS', 20, 1],
      ['REFUND', 29, 1],
    ] as const) {
      const bill = await download(
        (await ask('tradebill', '2026-11-24', `&bill_type=${type}`)).json,
      );
      const found = lines(bill.text);
      expect([found[0]?.split(',').length, found.length]).toEqual([columns, rows + 4]);
      expect(found[1]?.split(',`')).toHaveLength(columns);
    }
    const funds = lines((await download((await ask('fundflowbill')).json)).text);
    expect(funds[0]?.split(',')).toHaveLength(11);
    expect(funds.at(-2)).toBe('`2,`1,`12.34,`1,`0.34');
  });

  it('are fetched by their merchant for five minutes', async () => {
    site = await start();
    await paid(site, 'order-1');
    await site.settle('2026-11-24');
    const { json } = await ask('tradebill');
    const target = String(json['download_url']).slice(site.url.length);
    expect((await send(site, { target })).status).toBe(401);
    const credentials = await site.enroll();
    expect((await signedSend(site, { target }, { credentials })).json['code']).toBe('NO_AUTH');
    await site.clock.advance(300_001);
    expect((await download(json)).json['code']).toBe('INVALID_REQUEST');
    site.faults.arm({ fault: 'bill-wrong-hash' });
    const wrong = (await ask('tradebill')).json;
    expect(wrong['hash_value']).not.toBe(json['hash_value']);
    site.faults.arm({ fault: 'bill-truncated' });
    const cut = await download((await ask('tradebill')).json);
    expect(cut.text.endsWith('\r\n')).toBe(false);
    site.faults.arm({ fault: 'bill-wrong-totals' });
    const off = await download((await ask('tradebill')).json);
    expect(off.text).toContain('`1,`1.01,');
  });
});
