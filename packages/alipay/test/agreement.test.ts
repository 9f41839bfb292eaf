import { type NextAction, PolyrailError, type Ref } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { changeExecutionPlan, walletAddress } from '../src/index.ts';
import { clock, cny, failure, gateway, now, order, success, thrown, trade } from './gateway.ts';

const silence = () => new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
const agreementNo = '20265522000001234567';
const handle = 'a1|sign|GENERAL_WITHHOLDING_P|INDUSTRY%7CDIGITAL_MEDIA';
const agreement: Ref<'agreement'> = {
  noun: 'agreement',
  merchantId: 'agreement1',
  channelId: agreementNo,
  startedAt: now,
  handle,
};
const { channelId: _number, ...unnumbered } = agreement;
const signed = {
  agreement_no: agreementNo,
  external_agreement_no: 'agreement1',
  status: 'NORMAL',
  personal_product_code: 'GENERAL_WITHHOLDING_P',
  sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
  valid_time: '2026-11-22 10:49:00',
  invalid_time: '2027-11-22 00:00:00',
  alipay_logon_id: 'ali***@mail.com',
};
const query = 'alipay.user.agreement.query';
const unsign = 'alipay.user.agreement.unsign';
const pay = 'alipay.trade.pay';
const modify = 'alipay.user.agreement.executionplan.modify';

const answering = (answers: Record<string, object | Error>) =>
  gateway(({ method }) => {
    const answer = answers[method];
    if (answer === undefined) throw new Error(`${method} was not to be called`);
    return answer;
  });
const methods = (site: ReturnType<typeof gateway>) => site.heard.map(({ method }) => method);
const named = async (work: Promise<{ status: string }>) => {
  const { status, ...rest } = (await work) as Record<string, string>;
  return [status, rest.doubt ?? rest.reason ?? rest.standing].filter(Boolean).join('/');
};
const actionOf = (result: object) => (result as { nextAction: NextAction }).nextAction;

describe('signUp', () => {
  const request = {
    merchantAgreementId: 'agreement1',
    returnUrl: 'https://shop.example/back',
    notifyUrl: 'https://shop.example/notify',
  } as const;
  const periodRule = {
    periodType: 'MONTH',
    period: 1,
    executeOn: '2026-12-28',
    singleAmount: cny(1500),
    totalAmount: cny(18_000),
    totalPayments: 12,
  } as const;
  const full = {
    signScene: 'INDUSTRY|DIGITAL_MEDIA',
    periodRule,
    externalLogonId: 'tea_lover',
    validity: '1y',
    effectSeconds: 600,
    subMerchantId: 'M1',
    allowHuazhiDegrade: true,
  } as const;

  it('hands over a page, signed and complete, and sends nothing', async () => {
    const site = gateway(() => new Error('nothing is to be sent'));
    const refs: unknown[] = [];
    const onPrepared = async (ref: unknown) => void refs.push(ref);
    const result = await site
      .channel()
      .signUp({ ...request, scene: 'page', extra: full }, { onPrepared });
    expect(result).toMatchObject({
      noun: 'agreement',
      status: 'pending',
      waitingFor: 'payer',
      evidence: 'none',
      expiresAt: new Date(clock.now() + 600_000).toISOString(),
      ref: { handle: 'a1|sign|CYCLE_PAY_AUTH_P|INDUSTRY%7CDIGITAL_MEDIA' },
    });
    expect(refs).toEqual([result.ref]);
    expect(site.heard).toHaveLength(0);
    const { fields } = actionOf(result) as NextAction & { kind: 'form' };
    const { sign, ...rest } = fields;
    expect(sign).toHaveLength(344);
    expect(rest).toMatchSnapshot();
  });

  it.each([
    ['qr', 'qr', 'QRCODE'],
    ['app', 'sdk', 'ALIPAYAPP'],
    ['page', 'redirect', 'QRCODEORSMS'],
  ] as const)('in scene %s is a %s whose text verifies', async (scene, kind, access) => {
    const extra = {
      signScene: 'INDUSTRY|CHARITY',
      ...(scene === 'page' ? { handOver: 'redirect' as const } : {}),
    };
    const site = gateway(() => success({}));
    const result = await site.channel().signUp({ ...request, scene, extra });
    const action = actionOf(result);
    expect(action.kind).toBe(kind);
    const text =
      action.kind === 'qr'
        ? action.text.split('?')[1]
        : action.kind === 'redirect'
          ? action.url.split('?')[1]
          : String((action as NextAction & { kind: 'sdk' }).parameters);
    await site.transport.exchange({ method: 'POST', url: `https://x/?${text}`, headers: {} });
    const parameters = Object.fromEntries(new URLSearchParams(text));
    expect(parameters).toMatchObject({
      method: 'alipay.user.agreement.page.sign',
      notify_url: request.notifyUrl,
      return_url: request.returnUrl,
    });
    expect(JSON.parse(parameters.biz_content ?? '')).toEqual({
      external_agreement_no: 'agreement1',
      personal_product_code: 'GENERAL_WITHHOLDING_P',
      product_code: 'GENERAL_WITHHOLDING',
      sign_scene: 'INDUSTRY|CHARITY',
      access_params: { channel: access },
    });
  });

  it('opens the wallet with what an app is given', () => {
    const address = walletAddress('a=1&sign=x%2By');
    expect(address).toMatch(/^alipays:\/\/platformapi\/startapp\?appId=60000157&/);
    expect(new URLSearchParams(address.split('?')[1]).get('sign_params')).toBe('a=1&sign=x%2By');
  });

  const rule = (change: object) => ({
    extra: { ...full, periodRule: { ...periodRule, ...change } },
  });
  it.each([
    ['extra.signScene', { extra: undefined }],
    ['extra.signScene', { extra: {} }],
    ['extra.periodRule', rule({ periodType: 'DAY', period: 6 })],
    ['extra.periodRule', rule({ executeOn: '2026-12-29' })],
    ['extra.periodRule.executeOn', rule({ executeOn: '2026-02-30' })],
    [
      'extra.periodRule.singleAmount.currency',
      rule({ singleAmount: { amount: 1, currency: 'USD' } }),
    ],
    ['extra.validity', { extra: { ...full, validity: '1w' } }],
    ['extra.effectSeconds', { extra: { ...full, effectSeconds: 86_401 } }],
    ['extra.colour', { extra: { ...full, colour: 'red' } }],
    ['extra.handOver', { scene: 'qr', extra: { ...full, handOver: 'form' } }],
    ['merchantAgreementId', { merchantAgreementId: 'agreement_1' }],
    ['merchantAgreementId', { merchantAgreementId: 'a'.repeat(33) }],
    ['returnUrl', { returnUrl: `https://shop.example/${'r'.repeat(250)}` }],
    ['scene', { scene: 'otp' }],
  ])('refuses a wrong %s', async (field, change) => {
    const wrong = { ...request, scene: 'page', extra: full, ...change } as never;
    const error = await thrown(
      gateway(() => '')
        .channel()
        .signUp(wrong),
    );
    expect(error.field).toBe(field);
  });
});

describe('querySignUp', () => {
  const ask = (node: object | Error, ref: Ref<'agreement'> = agreement) =>
    gateway(() => node)
      .channel()
      .querySignUp(ref);

  it('asks by Alipay’s number, or by all that stands in for it', async () => {
    const site = gateway(() => success(signed));
    await site.channel().querySignUp(agreement);
    const result = await site.channel().querySignUp(unnumbered);
    expect(site.heard.map(({ content }) => content)).toEqual([
      { agreement_no: agreementNo },
      {
        external_agreement_no: 'agreement1',
        personal_product_code: 'GENERAL_WITHHOLDING_P',
        sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
      },
    ]);
    expect(result).toMatchObject({
      status: 'succeeded',
      standing: 'active',
      validUntil: '2027-11-21T16:00:00.000Z',
      instrument: 'ali***@mail.com',
      ref: { channelId: agreementNo, handle },
    });
  });

  it('leaves out the end of what has none', async () => {
    const found = await ask(success({ ...signed, invalid_time: '2115-02-01 00:00:00' }));
    expect(found).not.toHaveProperty('validUntil');
  });

  it.each([
    ['NORMAL', success(signed), 'succeeded/active'],
    ['TEMP', success({ ...signed, status: 'TEMP' }), 'pending'],
    ['STOP', success({ ...signed, status: 'STOP' }), 'succeeded/suspended'],
    ['an end', failure('AGREEMENT_HAS_UNSIGNED'), 'succeeded/ended'],
    ['nothing', failure('USER_AGREEMENT_NOT_EXIST'), 'unknown/not-found'],
    [
      'no id of the merchant’s',
      success({ ...signed, external_agreement_no: '' }),
      'succeeded/active',
    ],
  ])('reads %s', async (_what, node, expected) => {
    expect(await named(ask(node))).toBe(expected);
  });

  it.each([
    ['a state nobody knows', success({ ...signed, status: 'ODD' }), agreement, 'REPLY_UNREADABLE'],
    ['another number', success({ ...signed, agreement_no: 'x' }), agreement, 'REPLY_UNVERIFIED'],
    [
      'another id',
      success({ ...signed, external_agreement_no: 'x' }),
      agreement,
      'REPLY_UNVERIFIED',
    ],
    [
      'no id, asked by it',
      success({ ...signed, external_agreement_no: '' }),
      unnumbered,
      'REPLY_UNREADABLE',
    ],
    ['no number', success({ ...signed, agreement_no: '' }), unnumbered, 'REPLY_UNREADABLE'],
    ['trouble', failure('SYSTEM_ERROR'), agreement, 'UNAVAILABLE'],
    ['a refusal', failure('AUTHOREE_IS_NOT_MATCH'), agreement, 'REFUSED'],
  ] as const)('throws on %s', async (_what, node, ref, code) => {
    expect((await thrown(ask(node, ref))).code).toBe(code);
  });

  it('does not guess what stands in for the number', async () => {
    const { handle: _none, ...bare } = unnumbered;
    expect((await thrown(ask(success(signed), bare))).field).toBe('handle');
    const foreign = { ...unnumbered, handle: 'a1|qr|0' };
    expect((await thrown(ask(success(signed), foreign))).field).toBe('handle');
  });
});

describe('signOff', () => {
  const bare = { code: '10000', msg: 'Success' };
  it.each([
    ['an end', bare, failure('AGREEMENT_HAS_UNSIGNED'), 'succeeded/ended'],
    ['an end that is forgotten', bare, failure('USER_AGREEMENT_NOT_EXIST'), 'succeeded/ended'],
    ['an end to come', bare, success(signed), 'pending/active'],
    ['a success nobody confirms', bare, failure('SYSTEM_ERROR'), 'unknown/server-error'],
    [
      'a success nobody may confirm',
      bare,
      failure('AUTHOREE_IS_NOT_MATCH'),
      'unknown/server-error',
    ],
    [
      'a success about another',
      bare,
      success({ ...signed, agreement_no: 'x' }),
      'unknown/contradicts-request',
    ],
    [
      'an end before',
      failure('USER_AGREEMENT_STATUS_NOT_NORMAL'),
      failure('AGREEMENT_HAS_UNSIGNED'),
      'succeeded/ended',
    ],
    [
      'a suspension',
      failure('USER_AGREEMENT_STATUS_NOT_NORMAL'),
      success({ ...signed, status: 'STOP' }),
      'pending/suspended',
    ],
  ])('tells %s', async (_what, answer, told, expected) => {
    const site = answering({ [unsign]: answer, [query]: told });
    expect(await named(site.channel().signOff(agreement))).toBe(expected);
    expect(methods(site)).toEqual([unsign, query]);
    expect(site.heard[0]?.content).toEqual({ agreement_no: agreementNo });
  });

  it('does not take what was never signed for ended: it may be signed yet', async () => {
    const none = answering({
      [unsign]: failure('AGREEMENT_NOT_EXIST'),
      [query]: failure('USER_AGREEMENT_NOT_EXIST'),
    });
    expect(await named(none.channel().signOff(unnumbered))).toBe('unknown/not-found');
  });

  it.each([
    ['trouble', failure('SYSTEM_ERROR'), 'unknown/server-error'],
    ['an end that failed', failure('USER_AGREEMENT_UNSIGN_FAIL'), 'unknown/server-error'],
    ['silence', silence(), 'unknown/no-reply'],
    ['a refusal', failure('ASYNC_UNSIGN_CAN_NOT_REJECT'), 'failed/other'],
  ])('is what the answer says on %s', async (_what, answer, expected) => {
    expect(
      await named(
        answering({ [unsign]: answer })
          .channel()
          .signOff(agreement),
      ),
    ).toBe(expected);
  });
});

describe('pay by agreement', () => {
  const request = { ...order, scene: 'agreement', agreement } as const;
  const paid = {
    ...trade,
    total_amount: '9.00',
    receipt_amount: '9.00',
    gmt_payment: '2026-11-22 10:49:23',
    agreement_no: agreementNo,
  };

  it('names number and product, and no scene or code', async () => {
    const site = answering({ [pay]: success(paid) });
    const result = await site.channel().pay({ ...request, extra: { storeId: 'S1' } });
    expect(result).toMatchObject({
      status: 'succeeded',
      amount: cny(900),
      ref: { handle: 'a1|agreement|0' },
    });
    expect(site.heard[0]?.content).toEqual({
      out_trade_no: 'order_1',
      total_amount: '9.00',
      subject: order.description,
      product_code: 'GENERAL_WITHHOLDING',
      agreement_params: { agreement_no: agreementNo },
      store_id: 'S1',
    });
    const other = { ...request, extra: { productCode: 'CYCLE_PAY_AUTH' } } as const;
    await site.channel().pay(other);
    expect(site.heard[1]?.content.product_code).toBe('CYCLE_PAY_AUTH');
  });

  it.each([
    ['the number', unnumbered],
    ['the product', { ...agreement, handle: undefined }],
  ])('looks %s up where it is not known, before anything is stored', async (_what, given) => {
    const { handle: known, ...bare } = given;
    const ref = known === undefined ? bare : { ...bare, handle: known };
    const prepared: string[] = [];
    const site = answering({ [query]: success(signed), [pay]: success(paid) });
    const onPrepared = async () => void prepared.push(...methods(site));
    await site.channel().pay({ ...request, agreement: ref }, { onPrepared });
    expect(prepared).toEqual([query]);
    expect(site.heard[1]?.content).toMatchObject({
      product_code: 'GENERAL_WITHHOLDING',
      agreement_params: { agreement_no: agreementNo },
    });
  });

  it.each([
    ['an end', failure('AGREEMENT_HAS_UNSIGNED'), 'REFUSED', 'agreement-inactive'],
    ['nothing', failure('USER_AGREEMENT_NOT_EXIST'), 'REFUSED', 'agreement-inactive'],
    [
      'another agreement',
      success({ ...signed, external_agreement_no: 'x' }),
      'NOT_SENT',
      undefined,
    ],
    ['no product', success({ ...signed, sign_scene: '' }), undefined, undefined],
    ['silence', silence(), 'NOT_SENT', undefined],
  ])('charges nothing when that answers with %s', async (_what, answer, code, reason) => {
    const site = answering({ [query]: answer, [pay]: success(paid) });
    const work = site.channel().pay({ ...request, agreement: unnumbered });
    if (code === undefined) {
      // The reference still says what the answer does not.
      expect((await work).status).toBe('succeeded');
      return;
    }
    const error = await thrown(work);
    expect([error.code, error.reason]).toEqual([code, reason]);
    expect(methods(site)).toEqual([query]);
  });

  it.each([
    ['BUYER_BALANCE_NOT_ENOUGH', 'insufficient-funds', 'new-id'],
    ['CYCLE_PAY_DATE_NOT_MATCH', 'window-passed', 'new-id'],
    ['CYCLE_PAY_SINGLE_FEE_EXCEED', 'limit-exceeded', 'new-id'],
    ['CYCLE_PAY_TOTAL_FEE_EXCEED', 'limit-exceeded', 'never'],
    ['CYCLE_PAY_TOTAL_TIMES_EXCEED', 'limit-exceeded', 'never'],
    ['AGREEMENT_NOT_EXIST', 'agreement-inactive', 'never'],
    ['AGREEMENT_INVALID', 'agreement-inactive', 'never'],
    ['AGREEMENT_ERROR', 'agreement-inactive', 'never'],
    ['AGREEMENT_STATUS_NOT_NORMAL', 'agreement-inactive', 'new-id'],
    ['OVER_DEDUCT_PERIOD', 'window-passed', 'new-id'],
  ])('%s fails for %s, to be tried %s', async (word, reason, retry) => {
    const result = await answering({ [pay]: failure(`ACQ.${word}`) })
      .channel()
      .pay(request);
    expect(result).toMatchObject({ status: 'failed', reason, retry });
  });

  describe('later', () => {
    const later = {
      ...request,
      extra: { asynchronous: { type: 'NORMAL_ASYNC', retry: 'NONE' } },
    } as const;
    const accepted = { ...trade, total_amount: '9.00', async_pay_apply_status: 'S' };

    it('is accepted now and told later', async () => {
      const site = answering({ [pay]: success(accepted) });
      expect(await site.channel().pay(later)).toMatchObject({
        status: 'pending',
        waitingFor: 'channel',
        ref: { channelId: trade.trade_no },
      });
      expect(site.heard[0]?.content).toMatchObject({
        is_async_pay: true,
        pay_params: { async_type: 'NORMAL_ASYNC', retry_type: 'NONE' },
      });
    });

    it.each([
      ['already made', success(paid), later, 'succeeded'],
      ['under way', { code: '10003', msg: 'wait' }, later, 'pending'],
      ['accepted where it was to be made', success(accepted), request, 'unknown/unreadable-reply'],
      [
        'of another amount',
        success({ ...accepted, total_amount: '9.01' }),
        later,
        'unknown/contradicts-request',
      ],
      [
        'of another order',
        success({ ...accepted, out_trade_no: 'x' }),
        later,
        'unknown/contradicts-request',
      ],
      ['of no order', success({ total_amount: '9.00' }), later, 'unknown/unreadable-reply'],
    ] as const)('%s', async (_what, answer, asked, expected) => {
      expect(
        await named(
          answering({ [pay]: answer })
            .channel()
            .pay(asked as never),
        ),
      ).toBe(expected);
    });
  });

  it('takes no extras of pages, and pages none of deductions', async () => {
    const channel = answering({}).channel();
    const page = { ...request, extra: { quitUrl: 'https://shop.example' } } as const;
    expect((await thrown(channel.pay(page))).field).toBe('extra.quitUrl');
    const asked = { ...order, scene: 'page', extra: { asynchronous: {} } } as const;
    expect((await thrown(channel.pay(asked))).field).toBe('extra.asynchronous');
  });
});

describe('changeExecutionPlan', () => {
  const wish = { agreement, deductOn: '2026-12-10', memo: 'later, please' };
  const changed = { agreement_no: agreementNo, deduct_time: '2026-12-10' };

  it('asks as documented and tells the agreement', async () => {
    const site = answering({ [modify]: success(changed) });
    const refs: unknown[] = [];
    const onPrepared = async (ref: unknown) => void refs.push([ref, site.heard.length]);
    const result = await changeExecutionPlan(site.channel(), wish, { onPrepared });
    expect(result).toMatchObject({ noun: 'agreement', status: 'succeeded', standing: 'active' });
    expect(refs).toMatchObject([[agreement, 0]]);
    expect(site.heard[0]?.content).toEqual({ ...changed, memo: 'later, please' });
  });

  it('looks the number up where it is not known', async () => {
    const site = answering({ [query]: success(signed), [modify]: success(changed) });
    const result = await changeExecutionPlan(site.channel(), { ...wish, agreement: unnumbered });
    expect(result.status).toBe('succeeded');
    expect(methods(site)).toEqual([query, modify]);
  });

  it.each([
    [
      'another day',
      success({ ...changed, deduct_time: '2026-12-11' }),
      'unknown/contradicts-request',
    ],
    [
      'another agreement',
      success({ ...changed, agreement_no: 'x' }),
      'unknown/contradicts-request',
    ],
    ['no day', success({ agreement_no: agreementNo }), 'unknown/unreadable-reply'],
    ['trouble', failure('SYSTEM_ERROR'), 'unknown/server-error'],
    ['silence', silence(), 'unknown/no-reply'],
  ])('does not know on %s', async (_what, answer, expected) => {
    const site = answering({ [modify]: answer });
    expect(await named(changeExecutionPlan(site.channel(), wish))).toBe(expected);
  });

  it.each([
    ['ILLEGAL_EXECUTION_TIME', 'parameter-invalid'],
    ['ILLEGAL_AGREEMENT', 'agreement-inactive'],
  ])('throws on %s: nothing changed', async (word, reason) => {
    const site = answering({ [modify]: failure(word) });
    const error = await thrown(changeExecutionPlan(site.channel(), wish));
    expect(error).toMatchObject({ code: 'REFUSED', reason, verb: 'changeExecutionPlan' });
  });

  it('refuses a wrong request, and a channel of another kind', async () => {
    const channel = answering({}).channel();
    const day = thrown(changeExecutionPlan(channel, { ...wish, deductOn: '2026-02-30' }));
    expect((await day).field).toBe('deductOn');
    const unknown = thrown(changeExecutionPlan(channel, { ...wish, colour: 'red' } as never));
    expect((await unknown).field).toBe('colour');
    expect((await thrown(changeExecutionPlan({ ...channel }, wish))).field).toBe('channel');
  });
});
