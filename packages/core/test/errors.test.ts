import { describe, expect, it } from 'vitest';
import { codes, isPolyrailError, PolyrailError } from '../src/errors.ts';

describe('an error', () => {
  it('prints its members and its message, without cause and stack', () => {
    const error = new PolyrailError('REFUSED', 'Too many calls', {
      channel: 'alipay',
      reason: 'rate-limited',
      retryAfterMs: 1000,
      cause: new Error('with a secret'),
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'PolyrailError',
      code: 'REFUSED',
      message: 'Too many calls',
      channel: 'alipay',
      reason: 'rate-limited',
      retryAfterMs: 1000,
    });
    expect(error).toBeInstanceOf(Error);
  });

  it('carries only members of the contract', () => {
    const fields = { channel: 'x', privateKey: 'k' } as never;
    expect(Object.keys(new PolyrailError('NOT_SENT', '', fields))).not.toContain('privateKey');
  });

  it('is known to another copy of this package', async () => {
    const another = '../src/errors.ts?another';
    const copy = (await import(/* @vite-ignore */ another)) as typeof import('../src/errors.ts');
    expect(copy.PolyrailError).not.toBe(PolyrailError);
    expect(isPolyrailError(new copy.PolyrailError('NOT_SENT', ''))).toBe(true);
    for (const other of [new Error('x'), { code: 'NOT_SENT' }, null, 'NOT_SENT']) {
      expect(isPolyrailError(other)).toBe(false);
    }
  });

  it('keeps its members as they were told', () => {
    const error = new PolyrailError('REFUSED', 'no', { reason: 'other', evidence: 'signed' });
    expect(() => Object.assign(error, { reason: 'cancelled' })).toThrow(TypeError);
    expect(Object.keys(new PolyrailError('NOT_SENT', 'no')).sort()).toEqual(['code', 'name']);
    expect('cause' in new PolyrailError('NOT_SENT', 'no')).toBe(false);
    expect(isPolyrailError(JSON.parse(JSON.stringify(error)))).toBe(false);
  });

  it('has each code once', () => {
    expect(new Set(codes).size).toBe(codes.length);
  });
});
