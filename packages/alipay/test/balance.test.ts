import { describe, expect, it } from 'vitest';
import { cny, failure, gateway, keyConfig, now, sellerId, success, thrown } from './gateway.ts';

const account = { available_amount: '1234.56', freeze_amount: '10.00', total_amount: '1244.56' };
const ask = (answer: object | Error, config = keyConfig) =>
  gateway(() => answer)
    .channel(config)
    .balance();

describe('balance', () => {
  it('asks for the merchant’s account and tells what it holds', async () => {
    const site = gateway(() => success(account));
    expect(await site.channel().balance()).toEqual([
      { account: 'ACCTRANS_ACCOUNT', available: cny(123_456), frozen: cny(1000), asOf: now },
    ]);
    expect(site.heard.map(({ method, content }) => ({ method, content }))).toEqual([
      {
        method: 'alipay.fund.account.query',
        content: { alipay_user_id: sellerId, account_type: 'ACCTRANS_ACCOUNT' },
      },
    ]);
  });

  it('leaves out what is not told', async () => {
    const [told] = await ask(success({ available_amount: '0.00' }));
    expect(told).toEqual({ account: 'ACCTRANS_ACCOUNT', available: cny(0), asOf: now });
  });

  it('needs to know whose account it is', async () => {
    const { sellerId: _seller, ...anonymous } = keyConfig;
    const site = gateway(() => success(account));
    const error = await thrown(site.channel(anonymous).balance());
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', field: 'config.sellerId' });
    expect(site.heard).toHaveLength(0);
  });

  it.each([
    ['no amount', success({}), 'REPLY_UNREADABLE'],
    ['an amount that is none', success({ available_amount: '1,00' }), 'REPLY_UNREADABLE'],
    [
      'a frozen amount that is none',
      success({ ...account, freeze_amount: 'x' }),
      'REPLY_UNREADABLE',
    ],
    ['trouble', failure('SYSTEM_ERROR'), 'UNAVAILABLE'],
    ['a code nobody knows', failure('SOMETHING_NEW'), 'REPLY_UNREADABLE'],
    ['no permission', failure('NO_PERMISSION_ACCOUNT'), 'REFUSED'],
  ])('throws on %s', async (_what, answer, code) => {
    expect((await thrown(ask(answer))).code).toBe(code);
  });
});
