import { describe, expect, it } from 'vitest';
import {
  collectionStateOf,
  type Operation,
  scoreStateOf,
  tradeStateOf,
  verdictOf,
} from '../src/codes.ts';

const names: readonly Operation[] = [
  'transactions.native',
  'transactions.codepay',
  'transactions.query',
  'transactions.close',
  'transactions.reverse',
  'refunds.create',
  'refunds.query',
  'bills.trade',
  'transfers.create',
  'transfers.query',
  'transfers.cancel',
  'balances.query',
  'contracts.sign',
  'contracts.query',
  'contracts.terminate',
  'contracts.schedule',
  'contracts.deduct',
  'payscore.create',
  'payscore.query',
  'payscore.complete',
  'payscore.cancel',
  'certificates',
];
const scores: readonly Operation[] = ['payscore.create', 'payscore.complete', 'payscore.cancel'];
// The list of the dossier A8.2: code, status, where it is met.
const documented: readonly (readonly [
  code: string,
  status: number,
  where: readonly Operation[],
])[] = [
  ['PARAM_ERROR', 400, names],
  ['INVALID_REQUEST', 400, names.filter((name) => name !== 'certificates')],
  ['SIGN_ERROR', 401, names],
  ['APPID_MCHID_NOT_MATCH', 400, ['transactions.native']],
  ['MCH_NOT_EXISTS', 400, ['transactions.native']],
  ['MCH_NOT_EXISTS', 404, ['refunds.create']],
  ['ORDER_CLOSED', 400, ['transactions.native', 'transactions.close']],
  ['NO_AUTH', 403, names],
  ['NOAUTH', 403, names],
  ['OUT_TRADE_NO_USED', 403, ['transactions.native']],
  ['RULE_LIMIT', 403, ['transactions.native', 'transactions.query', 'transactions.close']],
  ['TRADE_ERROR', 403, ['transactions.query', 'transactions.close', 'transactions.codepay']],
  ['NOT_ENOUGH', 403, ['refunds.create', 'transfers.create']],
  ['NOTENOUGH', 403, ['refunds.create', 'transfers.create']],
  ['USER_ACCOUNT_ABNORMAL', 403, ['refunds.create']],
  ['REQUEST_BLOCKED', 403, ['refunds.create']],
  ['ORDER_NOT_EXIST', 404, ['transactions.query', 'transactions.close']],
  ['ORDERNOTEXIST', 404, ['transactions.query', 'transactions.close']],
  ['ORDERPAID', 400, ['transactions.close', 'transactions.native']],
  ['RESOURCE_NOT_EXISTS', 404, ['refunds.create', 'refunds.query', 'transfers.query']],
  ['NOT_FOUND', 404, ['transfers.query']],
  ['FREQUENCY_LIMITED', 429, names],
  ['RATELIMIT_EXCEEDED', 429, names],
  ['FREQUENCY_LIMIT_EXCEED', 429, names],
  ['NO_STATEMENT_EXIST', 400, ['bills.trade']],
  ['STATEMENT_CREATING', 400, ['bills.trade']],
  ['TRADE_OVERDUE', 400, ['refunds.create']],
  ['TRADE_OVERDUE', 403, ['refunds.create']],
  ['REFUND_FEE_MISMATCH', 400, ['refunds.create']],
  ['REFUND_FEE_MISMATCH', 403, ['refunds.create']],
  ['ALREADY_EXISTS', 400, ['transfers.create']],
  ['INVALID_ORDER_STATE', 400, scores],
  ['ORDER_NOT_EXIST', 404, ['payscore.query', 'payscore.complete', 'payscore.cancel']],
];
const isNamed = (verdict: ReturnType<typeof verdictOf>): boolean =>
  verdict.end !== 'unknown' || verdict.doubt !== 'unreadable-reply';

describe('codes', () => {
  it.each(documented)('%s (%i) is known where it is met', (code, status, where) => {
    for (const operation of where) {
      const verdict = verdictOf(operation, { status, code, body: {} });
      expect([operation, isNamed(verdict)]).toEqual([operation, true]);
    }
  });

  it.each(documented)('%s decides nothing under another status than %i', (code, _status, where) => {
    for (const operation of where) {
      for (const status of [402, 405, 409, 422]) {
        const verdict = verdictOf(operation, { status, code, body: {} });
        expect(verdict).toEqual({ end: 'unknown', doubt: 'unreadable-reply' });
      }
    }
  });

  it.each(['', 'TEAPOT', '__proto__', 'constructor', 'toString'])('%j decides nothing', (code) => {
    for (const operation of names) {
      const verdict = verdictOf(operation, { status: 400, code, body: {} });
      expect(verdict).toEqual({ end: 'unknown', doubt: 'unreadable-reply' });
    }
  });

  it('never prove by a refusal of a transfer that it will not happen, but for want of money', () => {
    for (const [code, status] of documented) {
      const verdict = verdictOf('transfers.create', { status, code, body: {} });
      if (verdict.end === 'failed') expect(verdict.retry).toBe('same-id');
    }
  });

  it('blame the message only where its words, its detail or its number do', () => {
    const verdict = (body: object, internalCode?: string) =>
      verdictOf('transactions.native', {
        status: 400,
        code: 'INVALID_REQUEST',
        body: body as never,
        internalCode,
      }).end;
    expect(verdict({ message: '输入源“/body/amount/total”规则校验失败' })).toBe('refused');
    expect(verdict({ detail: { location: 'query' } })).toBe('refused');
    expect(verdict({}, '270924358')).toBe('refused');
    expect(verdict({ message: 7, detail: 'location' })).toBe('unknown');
    expect(verdict({}, '268449538')).toBe('unknown');
  });
});

describe('states of a pay-score order', () => {
  it('are those of the dossier, and no others', () => {
    const words: readonly (readonly [state: string, description?: string])[] = [
      ['CREATED'],
      ['DOING', 'USER_CONFIRM'],
      ['DOING', 'MCH_COMPLETE'],
      ['DONE'],
      ['DONE', 'MCH_COMPLETE'],
      ['REVOKED'],
      ['EXPIRED'],
    ];
    expect(words.map(([state, description]) => scoreStateOf(state, description))).toEqual([
      'created',
      'held',
      'completed',
      'done',
      'done',
      'revoked',
      'expired',
    ]);
    const strange = [['DOING'], ['DOING', 'TEAPOT'], ['done'], ['toString'], ['']] as const;
    for (const [state, description] of strange) {
      expect(scoreStateOf(state, description)).toBe(undefined);
    }
  });

  it('tell whether their money was collected', () => {
    expect(['USER_PAYING', 'USER_PAID', 'PAID', '', 'toString'].map(collectionStateOf)).toEqual([
      'paying',
      'paid',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('turn a call down without a word about the message', () => {
    for (const message of [
      '订单重入参数校验失败',
      '完结订单状态不合法',
      '当前订单状态不满足撤销条件',
    ]) {
      for (const operation of scores) {
        for (const code of ['PARAM_ERROR', 'INVALID_REQUEST']) {
          const verdict = verdictOf(operation, { status: 400, code, body: { message } });
          expect(verdict).toEqual({ end: 'unknown', doubt: 'repeated-id' });
        }
      }
    }
    const said = { message: '实际结束时间不能晚于使用完结接口的时间' };
    const refused = { status: 400, code: 'PARAM_ERROR', body: said };
    expect(verdictOf('payscore.complete', refused).end).toBe('refused');
  });
});

describe('states of an order', () => {
  it('are those of the dossier, and no others', () => {
    const states = 'SUCCESS REFUND NOTPAY USERPAYING ACCEPT CLOSED REVOKED PAYERROR PAY_FAIL'.split(
      ' ',
    );
    expect(states.map(tradeStateOf)).not.toContain(undefined);
    expect(['', 'success', 'toString'].map(tradeStateOf)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
