/** What clients do wrong with replies and notifications, made by hand and named by the doctor. */
import { generateKeyPairSync } from 'node:crypto';
import { decodeText, encodeText } from '@polyrail/simulator';
import type { ClientBelief, Explanation } from '@polyrail/simulator/doctor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encryptText } from '../src/cipher.ts';
import { nodeCauses } from '../src/doctor-node-causes.ts';
import { explainNotification, notificationCauses } from '../src/doctor-notification.ts';
import { explainReply } from '../src/doctor-reply.ts';
import { formText } from '../src/envelope.ts';
import type { Merchant } from '../src/merchants.ts';
import type { Room } from '../src/room.ts';
import type { Fields } from './client.ts';
import { doctorRoom, joined, rsaSign, sorted } from './doctor-client.ts';

let room: Room;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
});
afterAll(() => stop());

const merchant = (): Merchant => room.merchants[0] as Merchant;
const named = ({ verdict, causes }: Explanation) => ({
  verdict,
  causes: causes.map(({ cause }) => cause),
});
const platformKey = () => room.platform.identity.privateKey.rsa as never;

const node =
  '{"code":"10000","msg":"Success","fund_bill_list":[{"amount":"9.00","fund_channel":"A"}],' +
  '"out_trade_no":"order_1","qr_code":"https:\\/\\/qr.alipay.com\\/bax1","subject":"茶叶"}';
const body = (raw = node, sign = rsaSign(raw, platformKey()), sn = '') =>
  `{"alipay_trade_query_response":${raw}${sn},"sign":"${sign}"}`;

describe('a reply', () => {
  const explain = (raw: string | Uint8Array, belief: ClientBelief = {}, without?: string) =>
    explainReply({ body: typeof raw === 'string' ? Buffer.from(raw) : raw, headers: {} }, room, {
      belief,
      causes: nodeCauses.filter(({ id }) => id !== without),
    });
  const encrypted = () => `"${encryptText(merchant().encryptKey, node, 'utf-8')}"`;

  const members = 'code=10000&fund_bill_list=[{"amount":"9.00","fund_channel":"A"}]&msg=Success';
  const rest = 'out_trade_no=order_1&qr_code=https://qr.alipay.com/bax1&subject=茶叶';
  /** Last, what would be named if the table lacked the cause, because the texts coincide. */
  const cases: readonly [string, string, () => string, string[]?][] = [
    ['whole-body', 'as it came', () => body()],
    ['whole-body', 'without sign', () => `{"alipay_trade_query_response":${node}}`],
    ['trailing-comma', 'kept', () => `${node},`, ['cut-too-long']],
    ['cut-too-long', 'up to sign', () => `${node},"sign"`],
    [
      'cut-too-long',
      'with its name',
      () => `"alipay_trade_query_response":${node}`,
      ['whole-body', 'cut-too-short'],
    ],
    ['cut-too-short', 'at the first closing brace', () => node.slice(0, node.indexOf('}') + 1)],
    ['cut-too-short', 'without braces', () => node.slice(1, -1)],
    ['unescaped-slashes', 'by a parser', () => node.replaceAll('\\/', '/'), ['json-rewritten']],
    ['json-rewritten', 'with blanks', () => JSON.stringify(JSON.parse(node), null, 2)],
    ['notification-rule', 'sorted', () => `${members}&${rest}`],
    ['charset', 'read as GBK', () => decodeText(Buffer.from(node), 'gbk')],
    ['stray-ends', 'a line end', () => `${node}\n`],
  ];
  it.each(cases)('%s: %s', async (cause, _, text, also = []) => {
    const raw = body();
    const alone = await explain(raw, { text: text() }, cause);
    // The message stays genuine, but nothing in the table leads to that text any more.
    expect(named(alone)).toEqual({ verdict: 'genuine', causes: also });
    if (also.length === 0) expect(alone.rule).toContain('no usual mistake');
    const told = await explain(raw, { text: text() });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: [cause] });
    expect(told.firstDifference).toBeDefined();
  });

  it('is encrypted: what was decrypted was verified, or the quotes were left out', async () => {
    const raw = body(encrypted());
    expect(named(await explain(raw))).toEqual({ verdict: 'genuine', causes: [] });
    const plain = await explain(raw, { text: node });
    expect(named(plain)).toEqual({ verdict: 'genuine', causes: ['decrypted'] });
    const bare = await explain(raw, { text: encrypted().slice(1, -1) });
    expect(named(bare)).toEqual({ verdict: 'genuine', causes: ['cut-too-short'] });
    expect(bare.causes[0]?.detail).toBe('without its quotes');
  });

  it('is in GBK, and was written as UTF-8', async () => {
    const bytes = encodeText(node, 'gbk');
    const sign = rsaSign(bytes, platformKey());
    const raw = encodeText(body(node, sign), 'gbk');
    const explained = (belief: ClientBelief) =>
      explainReply({ body: raw, headers: { 'content-type': 'text/html;charset=gbk' } }, room, {
        belief,
      });
    expect(named(await explained({}))).toEqual({ verdict: 'genuine', causes: [] });
    const told = await explained({ text: node });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: ['charset'] });
    expect(named(await explained({ text: node, charset: 'gbk' })).causes).toEqual([]);
  });

  it('was given after something had unescaped it, or written it anew', async () => {
    const sign = rsaSign(node, platformKey());
    const slashes = await explain(body(node.replaceAll('\\/', '/'), sign));
    expect(named(slashes)).toEqual({ verdict: 'mistaken', causes: ['escaped-slashes'] });
    const blanks = await explain(body(JSON.stringify(JSON.parse(node), null, 2), sign));
    expect(blanks.verdict).toBe('mistaken');
    expect(blanks.causes.map(({ cause }) => cause)).toContain('json-rewritten');
  });

  it('was verified with the wrong key', async () => {
    const other = await room.platform.rotate();
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const stranger = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const pkcs1 = pair.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string;
    const cases: readonly [string | undefined, string][] = [
      ['own-key', merchant().keys.publicKeyPem],
      ['own-key', merchant().certificatePem],
      ['wrong-certificate', other.certificatePem],
      ['root-certificate', room.platform.rootPem],
      ['unknown-key', stranger],
      ['key-format', pkcs1.replaceAll('RSA PUBLIC', 'PUBLIC')],
      ['key-format', room.platform.identity.publicKeyPem.replaceAll('\n', '\\n')],
      ['key-format', 'not a key'],
      [undefined, room.platform.identity.publicKeyPem],
      [undefined, room.platform.identity.certificatePem],
      [undefined, room.platform.identity.publicKeyPem.replaceAll(/-----[^-]+-----|\n/g, '')],
    ];
    for (const [cause, key] of cases) {
      const told = await explain(body(), { key });
      expect([told.verdict, told.cause, key]).toEqual(['genuine', cause, key]);
    }
    room.platform.reset();
  });

  it('was verified as RSA, but signed as RSA2', async () => {
    const told = await explain(body(), { signType: 'RSA' });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: ['digest'] });
    const sha1 = body(node, rsaSign(node, platformKey(), 'RSA-SHA1'));
    expect(named(await explain(sha1))).toEqual({ verdict: 'genuine', causes: [] });
  });

  it('is tampered with, forged, doubled, unsigned or none at all', async () => {
    const sign = rsaSign(node, platformKey());
    const tampered = await explain(body(node.replace('9.00', '0.01'), sign));
    expect(named(tampered)).toEqual({ verdict: 'tampered', causes: [] });
    const forged = await explain(body(node, rsaSign(node, room.platform.foreignKey.rsa as never)));
    expect(named(forged)).toEqual({ verdict: 'forged', causes: ['stranger-key'] });
    const own = await explain(body(node, rsaSign(node, merchant().keys.privateKeyPem)));
    expect(named(own)).toEqual({ verdict: 'forged', causes: ['key-of-an-app'] });
    const twice = body().replace('{', '{"alipay_trade_query_response":{"code":"10000"},');
    expect((await explain(twice)).verdict).toBe('forged');
    expect((await explain(twice)).causes.map(({ cause }) => cause)).toContain('duplicate-node');
    const unsigned = await explain(`{"alipay_trade_query_response":${node}}`);
    expect(unsigned.verdict).toBe('unsigned');
    expect((await explain('<html>502</html>')).verdict).toBe('unsigned');
    const damaged = `${sign.slice(0, 100)}${sign[100] === 'A' ? 'B' : 'A'}${sign.slice(101)}`;
    expect((await explain(body(node, damaged))).verdict).toBe('forged');
  });

  it('of a rotated certificate is genuine', async () => {
    const next = await room.platform.rotate();
    const sign = rsaSign(node, next.privateKey.rsa as never);
    const told = await explain(body(node, sign, `,"alipay_cert_sn":"${next.sn}"`), {
      key: room.platform.identity.publicKeyPem,
    });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: ['wrong-certificate'] });
    room.platform.reset();
  });
});

describe('a notification', () => {
  const fields = (): Fields => ({
    notify_time: '2026-11-24 15:08:09',
    notify_type: 'trade_status_sync',
    notify_id: '2026112400222150809000000000000001',
    charset: 'utf-8',
    version: '1.0',
    sign_type: 'RSA2',
    app_id: merchant().appId,
    fund_bill_list: '[{"amount":"9.00","fundChannel":"ALIPAYACCOUNT"}]',
    passback_params: 'a%3D1%26b=%2B',
    subject: '茶 & <cake> + tea',
    trade_status: 'TRADE_SUCCESS',
  });
  const text = ({ sign_type: _, ...rest }: Fields) => sorted(rest);
  const raw = (one = fields(), sign = rsaSign(text(one), platformKey())) =>
    formText({ ...one, sign }, 'utf-8');
  const explain = (form: string, belief: ClientBelief = {}, without?: string, url = '') =>
    explainNotification({ body: Buffer.from(form, 'latin1'), url }, room, {
      belief,
      causes: notificationCauses.filter(({ id }) => id !== without),
    });
  const escaped = (value: string) =>
    value
      .replaceAll('&', '&amp;')
      .replaceAll('"', '&quot;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;');
  const values = (change: (value: string) => string): Fields =>
    Object.fromEntries(Object.entries(fields()).map(([name, value]) => [name, change(value)]));

  const cases: readonly [string, string, () => string | Uint8Array, string[]?][] = [
    ['sign-type-kept', 'kept', () => sorted(fields())],
    ['html-escaped', 'by a filter', () => text(values(escaped))],
    ['decoded-twice', 'by a framework', () => text(values(decodeURIComponent))],
    [
      'dropped',
      'a field',
      () => {
        const { passback_params: _, ...rest } = fields();
        return text(rest);
      },
    ],
    [
      'order',
      'as they came',
      () => joined(Object.entries(fields()).filter(([n]) => n !== 'sign_type')),
    ],
    ['encoded', 'not decoded', () => text(values(encodeURIComponent))],
    ['charset', 'written as GBK', () => encodeText(text(fields()), 'gbk')],
    [
      'json-rewritten',
      'with blanks',
      () =>
        text({
          ...fields(),
          fund_bill_list: '[{"amount": "9.00", "fundChannel": "ALIPAYACCOUNT"}]',
        }),
    ],
    [
      'plus-and-blank',
      '+ not decoded',
      () => text(values((v) => v.replaceAll(' ', '+'))),
      ['encoded', 'decoded-twice'],
    ],
  ];
  it.each(cases)('%s: %s', async (cause, _, verified, also = []) => {
    const alone = await explain(raw(), { text: verified() }, cause);
    expect(named(alone)).toEqual({ verdict: 'genuine', causes: also });
    const told = await explain(raw(), { text: verified() });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: [cause] });
    expect(told.firstDifference).toBeDefined();
  });

  it("has notify_url's own query mixed in, before or after it was verified", async () => {
    const url = 'https://shop.example/notify?shop=7&zone=cn';
    const mixed = text({ ...fields(), shop: '7', zone: 'cn' });
    const told = await explain(raw(), { text: mixed }, undefined, url);
    expect(named(told)).toEqual({ verdict: 'genuine', causes: ['own-parameters'] });
    expect(told.causes[0]?.detail).toBe('shop, zone');
    const inside = await explain(`shop=7&zone=cn&${raw()}`, {}, undefined, url);
    expect(named(inside)).toEqual({ verdict: 'mistaken', causes: ['own-parameters'] });
  });

  it('was given after a framework had changed it', async () => {
    const sign = rsaSign(text(fields()), platformKey());
    const html = await explain(raw(values(escaped), sign));
    expect(named(html)).toEqual({ verdict: 'mistaken', causes: ['html-escaped-sent'] });
    const twice = await explain(raw(values(encodeURIComponent), sign));
    expect(named(twice)).toEqual({ verdict: 'mistaken', causes: ['decoded-twice'] });
  });

  it('of the message service keeps sign_type', async () => {
    const message: Fields = {
      msg_method: 'alipay.trade.refund.depositback.completed',
      app_id: merchant().appId,
      utc_timestamp: '1795503609123',
      version: '1.1',
      charset: 'UTF-8',
      sign_type: 'RSA2',
      notify_id: '1',
      biz_content: '{"dback_status":"S"}',
    };
    const form = formText({ ...message, sign: rsaSign(sorted(message), platformKey()) }, 'utf-8');
    expect(named(await explain(form))).toEqual({ verdict: 'genuine', causes: [] });
    const told = await explain(form, { text: text(message) });
    expect(named(told)).toEqual({ verdict: 'genuine', causes: ['sign-type'] });
  });

  it('is genuine, tampered, forged, unsigned', async () => {
    expect(named(await explain(raw()))).toEqual({ verdict: 'genuine', causes: [] });
    const sign = rsaSign(text(fields()), platformKey());
    const tampered = raw({ ...fields(), fund_bill_list: '[{"amount":"900.00"}]' }, sign);
    expect(named(await explain(tampered))).toEqual({ verdict: 'tampered', causes: [] });
    const foreign = rsaSign(text(fields()), room.platform.foreignKey.rsa as never);
    const forged = await explain(raw(fields(), foreign));
    expect(named(forged)).toEqual({ verdict: 'forged', causes: ['stranger-key'] });
    expect((await explain(raw(fields(), ''))).verdict).toBe('unsigned');
    const own = await explain(raw(), { key: merchant().keys.publicKeyPem });
    expect(named(own)).toEqual({ verdict: 'genuine', causes: ['own-key'] });
  });
});
