/** The doctor on answers and notifications of API v3 that a client does not believe. */
import { generateKeyPairSync } from 'node:crypto';
import { decodeText, encodeText } from '@polyrail/simulator';
import type { DoctorInput } from '@polyrail/simulator/doctor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { v3Causes } from '../src/doctor-v3-causes.ts';
import { explainV3Message } from '../src/doctor-v3-message.ts';
import type { WechatPaySite } from '../src/index.ts';
import type { Room } from '../src/room.ts';
import { signatureHeaders } from '../src/v3-reply.ts';
import { collect, type Fields, gcmOpen, native, notifyUrl, start, type Told } from './client.ts';
import { doctorRoom, named } from './doctor-client.ts';

let room: Room;
let stop: () => Promise<void>;
let site: WechatPaySite;
let told: Told;
beforeAll(async () => {
  ({ room, stop } = await doctorRoom());
  site = await start();
  const heard = collect(site);
  await native(site, 'order_1');
  await site.payer.approve('order_1');
  await site.clock.advance(0);
  told = heard[0] as Told;
});
afterAll(async () => {
  await stop();
  await site.stop();
});

/** Signed as a simulator of this room signs an answer. */
async function answer(body: string, take: (fault: string) => boolean = () => false) {
  const [merchant] = room.merchants;
  if (merchant === undefined) throw new Error('no merchant');
  const sealing = {
    room,
    signer: merchant.signer,
    serial: undefined,
    take: (fault: string) => (take(fault) ? { fault } : undefined),
    probed: false,
    nonce: `nonce${body.length}`,
  };
  const headers: Fields = await signatureHeaders(sealing, body);
  return { headers, body: Buffer.from(body) };
}

const body = '{"code_url":"weixin://wxpay/bizpayurl?pr=1","name":"你好","n":1}';

describe('an answer', () => {
  it('that is right is genuine, whoever doubts it', async () => {
    const message = { kind: 'reply', ...(await answer(body)) } as const;
    expect(named(explainV3Message(message, room))).toEqual({ verdict: 'genuine', causes: [] });
    const key = room.platform.current().certificatePem ?? '';
    const fine = explainV3Message(message, room, { belief: { key } });
    expect(named(fine)).toEqual({ verdict: 'genuine', causes: [] });
    const { headers } = await answer('');
    const empty = { kind: 'reply', headers, body: new Uint8Array(0) } as const;
    expect(explainV3Message(empty, room).verdict).toBe('genuine');
  });

  const changes: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['body-rewritten', JSON.stringify(JSON.parse(body), undefined, 2), /without blanks/],
    ['charset', encodeText(body, 'gbk'), /./],
  ];
  it.each(changes)('was changed before it came here: %s', async (id, other, how) => {
    const { headers } = await answer(body);
    const message = { kind: 'reply', headers, body: Buffer.from(other) } as const;
    const explained = explainV3Message(message, room);
    expect(named(explained)).toEqual({ verdict: 'mistaken', causes: [id] });
    expect(explained.rule).toMatch(how);
    const causes = v3Causes.filter((cause) => cause.id !== id);
    expect(explainV3Message(message, room, { causes, variantsInPairs: 0 }).cause).not.toBe(id);
  });

  const beliefs: [string, (timestamp: string, nonce: string) => string, RegExp, string?][] = [
    ['body-rewritten', (t, n) => `${t}\n${n}\n${JSON.stringify(JSON.parse(body), null, 2)}\n`, /./],
    [
      'body-rewritten',
      (t, n) => `${t}\n${n}\n${body.replace('你好', '\\u4f60\\u597d')}\n`,
      /as `\\u`/,
    ],
    ['body-trimmed', (t, n) => `${t}\n${n}\n${body}\n`, /at its end/, `${body} `],
    ['final-line-end', (t, n) => `${t}\n${n}\n${body}`, /./],
    ['timestamp-unit', (t, n) => `${t}000\n${n}\n${body}\n`, /milliseconds/],
    ['nonce-mismatch', (t) => `${t}\nnonce-of-the-request\n${body}\n`, /the text you show/],
    ['timestamp-mismatch', (_, n) => `1234567890\n${n}\n${body}\n`, /the text you show/],
    ['line-order', (t, n) => `${n}\n${t}\n${body}\n`, /other way round/],
    ['missing-line', () => `${body}\n`, /everything but the body/],
    ['charset', (t, n) => `${t}\n${n}\n${decodeText(Buffer.from(body), 'gbk')}\n`, /read as GBK/],
    ['charset', (t, n) => `${t}\n${n}\n${Buffer.from(body).toString('latin1')}\n`, /Latin-1/],
  ];
  it.each(beliefs)('verified over another text: %s', async (id, text, how, sent = body) => {
    const { headers, body: bytes } = await answer(sent);
    const shown = text(headers['wechatpay-timestamp'] ?? '', headers['wechatpay-nonce'] ?? '');
    const message = { kind: 'reply', headers, body: bytes } as const;
    const explained = explainV3Message(message, room, { belief: { text: shown } });
    expect(named(explained)).toEqual({ verdict: 'genuine', causes: [id] });
    expect(explained.rule).toMatch(how);
    expect(explained.firstDifference).toBeDefined();
    const causes = v3Causes.filter((cause) => cause.id !== id);
    const less = explainV3Message(message, room, {
      belief: { text: shown },
      causes,
      variantsInPairs: 0,
    });
    expect(less.cause).not.toBe(id);
  });

  it('with the headers of another one', async () => {
    const first = await answer('{"first":1}');
    const second = await answer(body);
    const mixed = { kind: 'reply', headers: first.headers, body: second.body } as const;
    const explained = explainV3Message(mixed, room);
    expect(named(explained)).toEqual({ verdict: 'mistaken', causes: ['other-message'] });
    expect(explained.rule).toContain('the body');
    const signature = first.headers['wechatpay-signature'] ?? '';
    const headers = { ...second.headers, 'wechatpay-signature': signature };
    const partly = explainV3Message({ ...second, kind: 'reply', headers }, room);
    expect(partly.cause).toBe('other-message');
    expect(partly.rule).toContain('the nonce, the body');
  });

  it('verified with the wrong key', async () => {
    const message = { kind: 'reply', ...(await answer(body)) } as const;
    const [merchant] = room.merchants;
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys: readonly (readonly [string, string])[] = [
      ['own-key', merchant?.signer.certificatePem ?? ''],
      ['wrong-platform-key', merchant?.signer.platformKey.keys.publicKeyPem ?? ''],
      ['root-certificate', room.platform.authority.certificatePem],
      ['unknown-key', String(stranger.publicKey.export({ type: 'spki', format: 'pem' }))],
      ['key-format', 'no key'],
    ];
    for (const [id, key] of keys) {
      const explained = explainV3Message(message, room, { belief: { key } });
      expect(named(explained)).toEqual({ verdict: 'genuine', causes: [id] });
    }
  });

  it('that names another key than signed, is a probe, is forged, cut or unsigned', async () => {
    const ask = async (...faults: readonly string[]) => {
      const message = await answer(body, (fault) => faults.includes(fault));
      return explainV3Message({ kind: 'reply', ...message }, room);
    };
    expect(named(await ask('unknown-serial'))).toEqual({
      verdict: 'genuine',
      causes: ['wrong-serial'],
    });
    expect(named(await ask('sign-probe'))).toEqual({ verdict: 'forged', causes: ['sign-probe'] });
    const forged = await ask('foreign-signature');
    expect(named(forged)).toEqual({ verdict: 'forged', causes: ['stranger-key'] });
    expect(forged.advice).toContain('Do not believe it');
    expect(named(await ask('bad-signature'))).toEqual({ verdict: 'forged', causes: [] });
    const { headers, body: bytes } = await answer(body);
    const cut = { kind: 'reply', headers, body: bytes.subarray(0, 20) } as const;
    expect(named(explainV3Message(cut, room))).toEqual({
      verdict: 'mistaken',
      causes: ['other-message'],
    });
    const bare = { kind: 'reply', headers: {}, body: bytes } as const;
    expect(named(explainV3Message(bare, room))).toEqual({ verdict: 'unsigned', causes: [] });
  });

  it('that was altered by somebody', async () => {
    const { headers } = await answer('{"amount":{"total":1}}'.padEnd(20_000));
    const altered = {
      kind: 'reply',
      headers,
      body: Buffer.from('{"amount":{"total":2}}'),
    } as const;
    expect(named(explainV3Message(altered, room))).toEqual({ verdict: 'tampered', causes: [] });
  });

  it('that is stale', async () => {
    const message = await answer(body, (fault) => fault === 'stale-timestamp');
    const explained = explainV3Message({ kind: 'reply', ...message }, room);
    expect(named(explained)).toEqual({ verdict: 'genuine', causes: ['stale-time'] });
  });
});

describe('a notification', () => {
  const ask = (more: Partial<DoctorInput>) =>
    site.explain({ headers: told.headers, body: told.text, ...more });

  it('is genuine as it came', async () => {
    expect(named(await ask({}))).toEqual({ verdict: 'genuine', causes: [] });
    expect((await ask({})).rule).toContain('The notification is genuine');
  });

  it('what is verified in its place: the decrypted resource', async () => {
    const { headers } = told;
    const plain = gcmOpen(told.envelope['resource'], site.credentials.apiV3Key);
    const text = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${plain}\n`;
    const explained = await ask({ client: { text } });
    expect(named(explained)).toEqual({ verdict: 'genuine', causes: ['wrong-body'] });
    expect(explained.rule).toContain('the decrypted resource');
    const [, ciphertext = ''] = /"ciphertext":"([^"]+)"/.exec(told.text) ?? [];
    expect(JSON.stringify(explained)).not.toContain(ciphertext.slice(0, 40));
  });

  it('as requests are signed', async () => {
    const { headers, text: raw } = told;
    const own = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${raw}\n`;
    const explained = await ask({ url: notifyUrl, client: { text: `POST\n/notify\n${own}` } });
    expect(named(explained)).toEqual({ verdict: 'genuine', causes: ['line-order'] });
  });

  it('whose body a framework wrote anew, or trimmed', async () => {
    const anew = JSON.stringify(JSON.parse(told.text), undefined, 4);
    expect((await ask({ body: anew })).cause).toBe('body-rewritten');
    expect((await ask({ body: `${told.text}\n` })).cause).toBe('body-trimmed');
  });
});
