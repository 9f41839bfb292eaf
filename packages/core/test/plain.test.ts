import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolyrailError, secret } from '../src/index.ts';
import { freeze, plain } from '../src/plain.ts';
import { isFrozen } from './every.ts';

/** `plain` drops a member named `__proto__` on purpose; a case of its own says so. */
const jsonWithoutPrototypes = fc
  .jsonValue()
  .filter((value) => !JSON.stringify(value).includes('"__proto__"'));

describe('plain', () => {
  it('copies JSON, frozen all the way down', () => {
    fc.assert(
      fc.property(jsonWithoutPrototypes, (value) => {
        const copy = plain({ value });
        expect(isFrozen(copy)).toBe(true);
        expect(JSON.stringify(copy)).toBe(JSON.stringify({ value: value }));
        expect(JSON.parse(JSON.stringify(copy))).toEqual(copy);
      }),
    );
  });

  it('leaves what it copied as it was', () => {
    const inner = { a: 1 };
    const copy = plain({ inner, list: [inner] });
    inner.a = 2;
    expect(copy).toEqual({ inner: { a: 1 }, list: [{ a: 1 }] });
    expect(Object.isFrozen(inner)).toBe(false);
  });

  it('drops members without a value, and takes the sign off a zero', () => {
    expect(Object.keys(plain({ a: undefined, b: null }))).toEqual(['b']);
    expect(Object.is(plain({ zero: -0 }).zero, 0)).toBe(true);
  });

  it('holds an error of the contract as it is', () => {
    const cause = new PolyrailError('UNAVAILABLE', 'silence');
    expect(plain({ cause }).cause).toBe(cause);
  });

  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  it.each([
    ['a function', { a: () => 1 }],
    ['a symbol', { a: Symbol('x') }],
    ['a bigint', { a: 1n }],
    ['NaN', { a: Number.NaN }],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a date', { a: new Date(0) }],
    ['a map', new Map()],
    ['bytes', new Uint8Array(1)],
    ['a stranger’s error', { a: new Error('x') }],
    ['a secret', { a: secret('x') }],
    ['a hole', [undefined]],
    ['a loop', loop],
    ['an object of a class', new (class Money {})()],
  ])('refuses %s', (_, value) => {
    expect(() => plain(value)).toThrow(TypeError);
  });

  it('carries no prototype across', () => {
    const copy = plain(JSON.parse('{"__proto__":{"polluted":1},"a":1}'));
    expect(copy).toEqual({ a: 1 });
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});

describe('freeze', () => {
  it('freezes in place and leaves bytes alone', () => {
    const outgoing = { headers: { a: 'b' }, body: new Uint8Array([1]) };
    expect(freeze(outgoing)).toBe(outgoing);
    expect(Object.isFrozen(outgoing.headers)).toBe(true);
    outgoing.body[0] = 2;
    expect(outgoing.body[0]).toBe(2);
  });
});
