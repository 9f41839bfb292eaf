/** Whatever arrives, the simulator answers as the channel would and never by accident. */
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type { WechatPaySite } from '../src/index.ts';
import { readXml, writeXml } from '../src/v2-xml.ts';
import { parseAuthorization } from '../src/v3-request.ts';
import { call, send, signedSend, start, terms } from './client.ts';

let site: WechatPaySite | undefined;
afterEach(() => site?.stop());

const name = fc
  .stringMatching(/^[a-z][a-z_]{0,12}$/)
  .filter((text) => !/^(?:xml|__proto__)/.test(text));
const text = fc
  .string({ unit: 'grapheme', maxLength: 40 })
  .filter((one) => [...one].every((letter) => letter >= ' '));

it('what is written as XML is read as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(name, text, { minKeys: 1, maxKeys: 8 }), (fields) => {
      const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
      fc.pre(Object.keys(filled).length > 0);
      expect({ ...readXml(Buffer.from(writeXml(filled))) }).toEqual({ ...filled });
    }),
  );
});

it('bytes that are no XML are no document, and nothing is thrown', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string()), (bytes) => {
      const read = readXml(Buffer.from(bytes as string));
      expect(read === undefined || typeof read === 'object').toBe(true);
    }),
  );
});

it('a header that is not five members once each is no authorization', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (header) => {
      expect(parseAuthorization(`WECHATPAY2-SHA256-RSA2048 ${header}`)).toBeUndefined();
    }),
  );
});

it('unsigned nonsense on any path is refused', async () => {
  const running = await start();
  site = running;
  const paths = [
    ...['/v3/pay/transactions/native', '/v3/refund/domestic/refunds', '/v3/certificates'],
    ...[
      '/v3/fund-app/mch-transfer/transfer-bills',
      '/v3/%',
      '/pay/unifiedorder',
      '/secapi/pay/refund',
    ],
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.uint8Array(), async (target, body) => {
      const { status, text: said } = await send(running, { target, body, method: 'POST' });
      expect(status).toBeLessThan(500);
      expect(status === 200 ? said : 'FAIL').toContain('FAIL');
    }),
    { numRuns: 60 },
  );
  expect(running.book()).toMatchObject({ orders: [], payouts: [] });
});

it('signed nonsense in any member is a wrong parameter', async () => {
  const running = await start();
  site = running;
  const whole = terms(running.credentials, 'order-1');
  const member = fc.constantFrom(
    ...Object.keys(whole),
    'detail',
    'scene_info',
    'time_expire',
    'payer',
  );
  const strange = fc.oneof(
    fc.constant([]),
    fc.constant({}),
    fc.integer(),
    fc.boolean(),
    fc.constant('\0'),
  );
  await fc.assert(
    fc.asyncProperty(member, strange, async (field, value) => {
      const body = { ...whole, [field]: value };
      const answer = await call(running, 'POST /v3/pay/transactions/h5', body);
      expect([400, 403]).toContain(answer.status);
    }),
    { numRuns: 60 },
  );
  for (const body of ['[]', 'null', '"x"', '{', '\u{feff}{}']) {
    const answer = await signedSend(running, { target: '/v3/pay/transactions/native', body });
    expect([body, answer.status]).toEqual([body, 400]);
  }
});
