/** alipay · known form: it may only be quicker than the exact reader, never another one. */
import { isPolyrailError } from '@polyrail/core';
import { formDecode, uniqueFields } from '@polyrail/kit/canonical';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settingsOf } from '../src/config.ts';
import { createAlipay } from '../src/index.ts';
import { createKnownForms } from '../src/known-form.ts';
import { createVerifier } from '../src/notification.ts';
import { createSeal, signedForm } from '../src/seal.ts';
import { clock, keyConfig, now, push, stranger, thrown, trade } from './gateway.ts';

const plain = { subject: 'A cup of tea' };
const fieldsOf = (body: Uint8Array) => uniqueFields(formDecode(body));
const outside = { charset: 'utf-8', omit: ['sign_type'] } as const;

function formsThatMet(...bodies: readonly Uint8Array[]) {
  const forms = createKnownForms();
  for (const body of bodies) forms.remember(fieldsOf(body));
  return forms;
}

describe('a known form', () => {
  it('is read as the exact reader reads it', () => {
    const forms = formsThatMet(push(plain).body);
    const { body } = push({ subject: '茶+=% 1', out_trade_no: 'order_2', total_amount: '0.01' });
    const known = forms.read(body);
    const { fields, ...signed } = known!;
    expect(signed).toEqual(signedForm(fieldsOf(body), outside));
    expect(fields()).toEqual(fieldsOf(body));
  });

  it('is one of several that were met', () => {
    const kinds = [{}, { body: 'x' }, { refund_fee: '1.00' }].map((more) => ({
      ...plain,
      ...more,
    }));
    const forms = formsThatMet(...kinds.map((kind) => push(kind).body));
    for (const kind of kinds) expect(forms.read(push(kind).body)?.fields()).toMatchObject(kind);
  });

  const { body } = push(plain);
  const changed = (change: (text: string) => string) => Buffer.from(change(body.toString()));
  it.each([
    ['unknown', push({ ...plain, body: 'x' }).body],
    ['in another order', changed((text) => text.split('&').reverse().join('&'))],
    ['with one field less', changed((text) => text.replace('&version=1.0', ''))],
    ['with one more field', changed((text) => `${text}&x=1`)],
    ['with a field twice', changed((text) => text.replace('gmt_create=', 'app_id='))],
    ['with an empty field', push({ ...plain, version: '' }).body],
    ['with an escaped name', changed((text) => text.replace('app_id=', 'app%5Fid='))],
    ['with an escaped = in a name', changed((text) => text.replace('app_id=', 'app_id%3D'))],
    ['with a & in a value', push({ subject: 'Tea & more' }).body],
    ['in another charset', push({ ...plain, charset: 'gbk' }).body],
    ['with another sign_type', changed((text) => text.replace('=RSA2', '=RSA'))],
    ['with a longer sign_type', changed((text) => text.replace('=RSA2', '=RSA22'))],
    ['with half an escape', changed((text) => text.replace('tea', '%e'))],
    ['with half a character', changed((text) => text.replace('tea', '%E8%8C'))],
    ['with an escape that goes on behind a &', changed((text) => text.replace('tea&', 'tea%&'))],
    ['with a broken signature', changed((text) => text.replace('&sign=', '&sign=%'))],
    ['with bytes above ASCII', changed((text) => text.replace('tea', 'té'))],
  ])('%s is left to the exact reader', (_what, other) => {
    const forms = formsThatMet(body);
    expect(forms.read(body)).toBeDefined();
    expect(forms.read(other)).toBeUndefined();
  });

  it.each([
    ['messages', { msg_method: 'x' }],
    ['certificates', { alipay_cert_sn: 'a'.repeat(32) }],
    ['names that are not plain', { 'a-b': '1' }],
    [
      'more fields than a push has',
      Object.fromEntries([...Array(100).keys()].map((n) => [`x${n}`, '1'])),
    ],
  ])('is not made of %s', (_what, more) => {
    const { body: strange } = push({ ...plain, ...more });
    expect(formsThatMet(strange).read(strange)).toBeUndefined();
  });
});

const fresh = () => createAlipay(keyConfig, { clock });
type Channel = ReturnType<typeof fresh>;

async function ending(channel: Channel, body: Uint8Array): Promise<unknown> {
  try {
    return await channel.receive({ headers: {}, body }, { receivedAt: now });
  } catch (error) {
    return isPolyrailError(error) ? `${error.code}: ${error.message}` : error;
  }
}

describe('a channel that met pushes', () => {
  const met = async () => {
    const channel = fresh();
    for (const kind of [plain, { ...plain, z: '1' }, { ...plain, body: 'x' }]) {
      await channel.receive(push(kind), { receivedAt: now });
    }
    return channel;
  };

  it('ends as one that met none, whatever is written and however it is changed', async () => {
    const channel = await met();
    const text = fc.string({
      unit: fc.constantFrom('%', '+', '&', '=', ' ', '\n', '2', '6', 'a', '茶', '😀', '\ufeff'),
      maxLength: 8,
    });
    const name = fc.constantFrom('subject', 'body', 'z', 'total_amount', 'charset', 'sign', 'x');
    const junk = fc.constantFrom('%', '%26', '%3D', '%41', '&', '=', '+', '\u00e9', '%E8', 'x');
    const changes = fc.dictionary(name, text, { maxKeys: 3 });
    const spot = fc.record({ at: fc.nat(1200), cut: fc.nat(3), junk });
    await fc.assert(
      fc.asyncProperty(changes, fc.array(spot, { maxLength: 2 }), async (fields, spots) => {
        let form = push({ ...plain, ...fields }).body.toString();
        for (const { at, cut, junk: put } of spots) {
          form = form.slice(0, at) + put + form.slice(at + cut);
        }
        const body = Buffer.from(form, 'latin1');
        expect(await ending(channel, body)).toEqual(await ending(fresh(), body));
      }),
      { numRuns: 300 },
    );
  });

  it('believes neither reading of a text that could be two payments', async () => {
    const joined = (fields: object) =>
      Object.entries(fields)
        .map(([field, value]) => `&${field}=${value}`)
        .join('');
    const rest = { trade_no: trade.trade_no, trade_status: 'TRADE_SUCCESS', version: '1.0' };
    const cheap = joined({ total_amount: '9.00', ...rest });
    const otherwise = push({ total_amount: '900.00', ...rest, subject: 'x', z: cheap });
    expect(await ending(await met(), otherwise.body)).toMatch(/^NOTIFICATION_UNVERIFIED/);
  });

  it('learns from a push that verified, and from no other', async () => {
    const learned: object[] = [];
    const forms = { read: () => undefined, remember: (fields: object) => learned.push(fields) };
    const settings = settingsOf(keyConfig);
    const road = () => Promise.reject(new Error('nothing is sent'));
    const seal = createSeal(settings, { clock, road });
    const verified = createVerifier({ settings, seal }, forms);
    const { signal } = new AbortController();
    const forged = verified(push(plain, { key: stranger.privateKey }).body, signal);
    expect((await thrown(forged)).code).toBe('NOTIFICATION_UNVERIFIED');
    expect(learned).toEqual([]);
    await verified(push(plain).body, signal);
    expect(learned).toMatchObject([plain]);
  });
});
