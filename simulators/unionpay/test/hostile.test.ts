/** Requests that nobody's client should send: each is answered, none moves anything. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UnionPaySite } from '../src/index.ts';
import { backUrl, formBody, head, now, paid, post, signed, start } from './client.ts';

let site: UnionPaySite;
beforeAll(async () => {
  site = await start();
  await paid(site, 'order0001');
});
afterAll(() => site.stop());

const paths = [
  ...['backTransReq', 'frontTransReq', 'appTransReq', 'queryTrans'].map(
    (name) => `/gateway/api/${name}.do`,
  ),
  ...['/', '/gateway/api/other.do', '/jiaofei/api/backTransReq.do', '/_sim/cashier'],
];
const defect = /Defect of the simulator/;

it('survives bytes of any kind on any path', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths),
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom('=&=', '%', 'encoding=GBK&a=%', '[{'),
      ),
      async (path, body) => {
        const { status, text } = await post(site, path, body);
        expect([200, 302, 400, 404]).toContain(status);
        expect(text).not.toMatch(defect);
      },
    ),
    { numRuns: 60 },
  );
});

const types = ['00', '01', '02', '03', '04', '11', '12', '31', '32', '33', '72', '74', '76', '77'];
const more = ['78', '79', '95', '99', '21', '71', '__proto__', 'constructor'];
const odd = fc.constantFrom(
  ...['', '0', '-1', '1.5', '1e9', '999999999999', '{', '[', '{a=b', '{}', '=', '&', '\u0000'],
  ...['20261324151509', '00000000000000', '茶', '9'.repeat(30), 'A'.repeat(2_000), '__proto__'],
);
const names = [
  ...['orderId', 'txnTime', 'txnAmt', 'currencyCode', 'accNo', 'customerInfo', 'encryptCertId'],
  ...['tokenPayData', 'origQryId', 'queryId', 'payTimeout', 'settleDate', 'fileType', 'certType'],
  ...['qrNo', 'reserved', 'accType', 'backUrl', 'frontUrl', 'bizType', 'encoding', 'version'],
  ...['signMethod', '__proto__', 'constructor'],
];

it('survives signed messages with fields of any kind, and moves nothing by them', async () => {
  const before = JSON.stringify(site.book('order0001'));
  const { queryId = '' } = await paid(site, 'order0001');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...paths.slice(0, 5)),
      fc.record({
        txnType: fc.constantFrom(...types, ...more),
        txnSubType: fc.constantFrom('00', '01', '02', '03', '05', '06', '07'),
      }),
      fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 5 }),
      async (path, kind, spoilt) => {
        const { merId } = site.credentials;
        // Another amount than the original's: no undo can succeed.
        const fields = {
          ...{ ...head, merId, orderId: 'order0001', txnTime: now, bizType: '000201', ...kind },
          ...{ origQryId: queryId, txnAmt: '1001', currencyCode: '156', backUrl },
          ...spoilt,
        };
        const clean = Object.fromEntries(
          Object.entries(fields).filter(([name]) => name !== 'encoding'),
        );
        const message = signed({ ...clean, encoding: 'UTF-8' }, site.credentials);
        const { status, text } = await post(site, path, formBody(message));
        expect([200, 302, 400]).toContain(status);
        expect(text).not.toMatch(defect);
      },
    ),
    { numRuns: 100 },
  );
  await site.clock.advance(10_000);
  const { debits, paid: taken, refunded } = site.book('order0001')!;
  expect({ debits, taken, refunded }).toEqual({ debits: 1, taken: 1000, refunded: 0 });
  expect(before).toContain('"debits":1');
});

it('believes no message of which a byte was changed', async () => {
  const { merId } = site.credentials;
  const query = { txnType: '00', txnSubType: '00', bizType: '000000', orderId: 'order0001' };
  const whole = signed({ ...head, merId, txnTime: now, ...query }, site.credentials);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(whole)), fc.nat(), async (name, at) => {
      const value = whole[name] ?? '';
      const index = at % value.length;
      const other = value[index] === '1' ? '2' : '1';
      const changed = `${value.slice(0, index)}${other}${value.slice(index + 1)}`;
      const { fields, text } = await post(
        site,
        '/gateway/api/queryTrans.do',
        formBody({ ...whole, [name]: changed }),
      );
      expect(fields['respCode'] === undefined ? text : fields['respCode']).not.toBe('00');
    }),
    { numRuns: 25 },
  );
});
