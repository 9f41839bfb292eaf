import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolyrailError } from '../src/errors.ts';
import { maskText, redact } from '../src/redact.ts';
import { isSecret, revealBytes, revealText, secret } from '../src/secret.ts';

const key = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';

describe('a secret', () => {
  it('shows a mask wherever it is printed', () => {
    const made = secret(key);
    const printed = [
      String(made),
      `${made}`,
      JSON.stringify({ made }),
      inspect(made, { showHidden: true, depth: 20 }),
      inspect({ nested: [made] }, { showHidden: true, depth: 20, compact: false }),
      Object.entries(made).join(),
      String(Object.assign({}, made)),
      new Error(`failed with ${made}`).message,
    ];
    for (const text of printed) expect(text).not.toContain(key.slice(4, 12));
    expect(Object.isFrozen(made)).toBe(true);
  });

  it('shows no more when nobody asks for its own way of printing', () => {
    const made = secret(key);
    const cause = { card: { number: made } };
    const printed = [
      inspect(made, { customInspect: false, showHidden: true, depth: 20 }),
      inspect({ ...made }, { showHidden: true, depth: 20 }),
      inspect(new PolyrailError('REFUSED', 'no', { cause }), { depth: 20 }),
      JSON.stringify(new PolyrailError('REFUSED', `no ${made}`, { cause })),
      JSON.stringify(redact({ innocent: made })),
      [made].join(),
      `a${made as unknown as string}`,
    ];
    for (const text of printed) expect(text).not.toContain(key.slice(0, 4));
    expect(inspect({ made })).toBe('{ made: [secret] }');
    expect(`${made}`).toBe('[secret]');
    expect(Number(made)).toBeNaN();
    expect(() => revealText({ ...made } as never)).toThrow(TypeError);
  });

  it('is not cloned out of its wrapping', () => {
    expect(() => structuredClone(secret(key))).toThrow();
    expect(isSecret(JSON.parse(JSON.stringify({ s: secret(key) })).s)).toBe(false);
    expect(isSecret({ '~secret': true })).toBe(false);
  });

  it('reveals text and bytes, and keeps its own copy', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const made = secret(bytes);
    bytes[0] = 9;
    expect(revealBytes(made)).toEqual(new Uint8Array([1, 2, 3]));
    revealBytes(made)[0] = 9;
    expect(revealBytes(made)).toEqual(new Uint8Array([1, 2, 3]));
    expect(revealText(secret('钥匙'))).toBe('钥匙');
    expect(revealText(secret(new TextEncoder().encode('钥匙')))).toBe('钥匙');
    expect(() => revealText('plain' as never)).toThrow(TypeError);
    expect(() => secret(42 as never)).toThrow(TypeError);
  });

  it('is understood by another copy of this package', async () => {
    const another = '../src/secret.ts?another';
    const copy = (await import(/* @vite-ignore */ another)) as typeof import('../src/secret.ts');
    expect(copy.secret).not.toBe(secret);
    expect(copy.isSecret(secret(key))).toBe(true);
    expect(copy.revealText(secret(key))).toBe(key);
  });
});

describe('redaction', () => {
  it('masks members by name, however they are written, at any depth', () => {
    const names = [
      'password',
      'private_key',
      'privateKey',
      'CVN2',
      'card-no',
      'certifId',
      'auth_code',
    ];
    for (const name of names) {
      const shown = JSON.stringify(redact({ a: [{ [name]: key, kept: 'yes' }] }));
      expect(shown).not.toContain(key);
      expect(shown).toContain('yes');
    }
    expect(redact({ sign: key }, ['sign'])).toEqual({ sign: '[redacted]' });
  });

  it('never shows what is wrapped, and always ends', () => {
    const loop: Record<string, unknown> = { secret: secret(key) };
    loop['self'] = loop;
    expect(JSON.stringify(redact(loop))).not.toContain(key);
    const wide = redact(Array.from({ length: 60_000 }, () => ({ a: 1 })));
    expect(JSON.stringify(wide)).toContain('[redacted]');
  });

  it('leaves plain data what JSON would make of it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const names = JSON.stringify(value).match(/"[^"]*":/g) ?? [];
        fc.pre(names.every((name) => name.length < 6));
        fc.pre(!/"__proto__"|"pin"|"otp"|"pan"/i.test(JSON.stringify(value)));
        expect(redact(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('copies nothing that could reach a prototype', () => {
    const copy = redact(JSON.parse('{"__proto__":{"polluted":1},"a":1}')) as object;
    expect(copy).toEqual({ a: 1 });
    expect('polluted' in {}).toBe(false);
  });

  it('shows the ends of long texts, and nothing of short ones', () => {
    expect(maskText('1234567')).toBe('*** (7 characters)');
    expect(maskText('622202123456781234')).toBe('62***34 (18 characters)');
  });
});
