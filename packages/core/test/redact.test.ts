import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../src/index.ts';
import { isSecretName } from '../src/redact.ts';

const pem = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
  '-----END RSA PRIVATE KEY-----',
].join('\n');

/** A card number by its check digit, which this test adds by itself: the last of the sums to ten. */
function cardNumber(prefix: string, digits: string): string {
  const body = prefix + digits;
  for (let check = 0; check < 10; check += 1) {
    let sum = 0;
    [...`${body}${check}`].reverse().forEach((text, at) => {
      const doubled = at % 2 === 1 ? Number(text) * 2 : Number(text);
      sum += Math.floor(doubled / 10) + (doubled % 10);
    });
    if (sum % 10 === 0) return `${body}${check}`;
  }
  return expect.unreachable();
}

const prefixes = ['4', '51', '2221', '62', '37', '6011', '9558'];
const cards = fc
  .tuple(fc.constantFrom(...prefixes), fc.stringMatching(/^\d{11}$/))
  .map(([prefix, digits]) => cardNumber(prefix, digits));

describe('a card number', () => {
  const wraps: Readonly<Record<string, (card: string) => unknown>> = {
    'a text of its own': (card) => card,
    'a sentence': (card) => `the card ${card} was declined`,
    'groups of four': (card) => card.replaceAll(/(\d{4})(?=\d)/g, '$1 '),
    'groups with dashes': (card) => card.replaceAll(/(\d{4})(?=\d)/g, '$1-'),
    'JSON in a text': (card) => JSON.stringify({ note: card, list: [card] }),
    'JSON in JSON in a text': (card) => JSON.stringify({ inner: JSON.stringify({ note: card }) }),
    'JSON that says a name twice': (card) => `{"note":"${card}","note":"nothing"}`,
    'JSON that was cut': (card) => `{"note":"${card}","li`,
    'a form': (card) => `a=1&note=${card}&b=2`,
    XML: (card) => `<note>${card}</note>`,
    'a list': (card) => ['x', card],
    'a deep member': (card) => ({ a: { b: [{ c: card }] } }),
  };
  it.each(Object.keys(wraps))('is masked in %s', (name) => {
    fc.assert(
      fc.property(cards, (card) => {
        const shown = JSON.stringify(redact({ innocent: wraps[name]?.(card) }));
        expect(shown.replaceAll(/[ -]/g, '')).not.toContain(card);
        expect(shown).toContain('[redacted]');
      }),
    );
  });

  it('is masked where it is a number', () => {
    expect(redact({ a: 6222020200112233, b: Number(cardNumber('62', '2021234567890')) })).toEqual({
      a: 6222020200112233,
      b: '[redacted]',
    });
  });

  it('is not seen in what only looks like one', () => {
    const plain = {
      time: '20261122104924',
      day: '2026-11-22 10:49:24',
      trade: '2026112222001404310501234567',
      seller: '2088000000000001',
      wrongCheckDigit: '4111111111111112',
      hash: 'a4111111111111111b',
      amount: '9.00',
      epochMs: 1_795_315_764_000,
    };
    expect(redact(plain)).toEqual(plain);
  });
});

describe('a private key', () => {
  it.each([
    ['as a text', pem],
    ['within a text', `key: ${pem} and more`],
    ['cut short', pem.slice(0, 60)],
    ['in JSON in a text', JSON.stringify({ note: pem })],
    ['in JSON in JSON', JSON.stringify({ inner: JSON.stringify({ note: pem }) })],
  ])('is masked %s', (_, text) => {
    const shown = JSON.stringify(redact({ note: text }));
    expect(shown).not.toContain('MIIEvQ');
    expect(shown).toContain('[redacted]');
  });

  it('leaves public keys and certificates readable', () => {
    const text = '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----';
    expect(redact({ text })).toEqual({ text });
  });
});

describe('a named secret', () => {
  it.each([
    ['JSON in a text', '{"password":"hunter2","a":1}'],
    ['JSON in a text, with blanks', ' {"a": [{"Auth-Code": "hunter2"}]}'],
    ['a form in a text', 'a=1&password=hunter2&b=2'],
    ['an address', 'https://pay.example/?a=1&access_token=hunter2'],
    ['a list of pairs in braces', '{cardNo=hunter2&phone=hunter2}'],
    ['a name the channel adds', '{"sign":"hunter2"}'],
  ])('is masked in %s', (_, text) => {
    const shown = JSON.stringify(redact({ text }, ['sign']));
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('[redacted]');
  });

  it('is known however its name is written', () => {
    for (const name of ['CVN2', 'card_no', 'cardNo', 'CARD-NO', 'api_v3_key', 'smsCode']) {
      expect(isSecretName(name), name).toBe(true);
    }
    for (const name of ['trade_no', 'code', 'amount', 'sign', '']) {
      expect(isSecretName(name), name).toBe(false);
    }
  });
});

describe('a copy', () => {
  it('of a text without secrets is that text, blanks and all', () => {
    for (const text of ['{ "a" : 1, "b": "1234" }', '[1234.50]', 'a=1&b=1234', '{1234', '-0']) {
      expect(redact({ text })).toEqual({ text });
    }
  });

  it('is what JSON would make of it', () => {
    const odd = { zero: -0, none: undefined, run: () => 1, at: new Date(0), big: 12n };
    expect(redact(odd)).toEqual({ zero: 0, at: '1970-01-01T00:00:00.000Z', big: '12' });
    expect(redact({ bytes: new Uint8Array(3), nan: Number.NaN })).toEqual({
      bytes: '[3 bytes]',
      nan: 'NaN',
    });
    const holes = redact(new Array(3)) as unknown[];
    expect(JSON.parse(JSON.stringify(holes))).toEqual(holes);
    expect(redact(undefined)).toBeUndefined();
  });

  it('survives JSON unchanged, whatever it was made of', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
        const copy = redact({ value });
        expect(JSON.parse(JSON.stringify(copy))).toEqual(copy);
      }),
      { numRuns: 1000 },
    );
  });

  it('ends, of JSON nested beyond all sense too', () => {
    const deep = redact({ text: '['.repeat(20_000) + ']'.repeat(20_000) });
    expect(JSON.stringify(deep)).toContain('[redacted]');
    let nested = '"6222021234567890128"';
    for (let depth = 0; depth < 12; depth += 1) nested = JSON.stringify({ a: nested });
    expect(JSON.stringify(redact(nested))).not.toContain('6222021234567890128');
  });
});
