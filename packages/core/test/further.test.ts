import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { type Call, guardFunction, PolyrailError, refSchema } from '../src/index.ts';
import { ending, toy } from './toy.ts';

const agreement = {
  noun: 'agreement',
  merchantId: 'G1',
  startedAt: '2026-11-22T02:00:00.000Z',
} as const;
type Wish = { agreement: typeof agreement; day: string };

const changed = { status: 'succeeded', standing: 'active', evidence: 'signed' } as const;

/** A function beside the verbs: it reschedules a deduction, and does what the test lets it. */
function reschedule(
  run: (wish: Wish, call: Call) => unknown,
  channel = toy({}),
  family: 'changing' | 'reading' = 'changing',
) {
  return guardFunction(channel, {
    name: 'reschedule',
    family,
    noun: 'agreement',
    schema: z.strictObject({ agreement: refSchema('agreement'), day: z.string() }) as never,
    subject: (wish: Wish) => wish.agreement,
    run: run as never,
  });
}
const sending = (end: unknown) => async (_: Wish, call: Call) => {
  await call.prepared('h1');
  call.sent();
  if (end instanceof Error) throw end;
  return end;
};
const wish: Wish = { agreement, day: '2026-12-01' };

describe('a function beside the verbs', () => {
  it('answers with an outcome that the guard made', async () => {
    const lines: unknown[] = [];
    const logger = { info: (_: string, fields: unknown) => lines.push(fields) } as never;
    const refs: unknown[] = [];
    const outcome = await reschedule(sending(changed), toy({}, { logger }))(wish, {
      onPrepared: async (ref) => void refs.push(ref),
    });
    expect(outcome).toMatchObject({ ...changed, noun: 'agreement', ref: agreement });
    expect(refs).toEqual([{ ...agreement, handle: 'h1' }]);
    expect(Object.isFrozen(outcome)).toBe(true);
    expect(lines).toMatchObject([{ verb: 'reschedule', status: 'succeeded', merchantId: 'G1' }]);
  });

  it.each([
    ['a silence after the first byte', new PolyrailError('UNAVAILABLE', ''), 'unknown/no-reply'],
    ['a defect after the first byte', new TypeError('x'), 'unknown/defect'],
    [
      'a verified refusal',
      new PolyrailError('REFUSED', '', { reason: 'other', evidence: 'signed' }),
      'REFUSED',
    ],
    ['another id', { ...changed, merchantId: 'G2' }, 'unknown/contradicts-request'],
    ['an answer without evidence', { ...changed, evidence: 'none' }, 'unknown/unverified-reply'],
    ['a finding without its standing', { ...changed, standing: 'odd' }, 'unknown/defect'],
  ])('keeps the laws: %s', async (_what, end, expected) => {
    expect(await ending(reschedule(sending(end))(wish))).toBe(expected);
  });

  it('throws NOT_SENT before the first byte, names itself, and takes nothing unknown', async () => {
    const failing = reschedule(async () => {
      throw new TypeError('before');
    });
    await expect(failing(wish)).rejects.toMatchObject({ code: 'NOT_SENT', verb: 'reschedule' });
    const strict = reschedule(sending(changed))({ ...wish, colour: 'red' } as never);
    await expect(strict).rejects.toMatchObject({ code: 'REQUEST_INVALID', field: 'colour' });
  });

  it('of the reading family throws what it does not know', async () => {
    const silent = reschedule(sending(new PolyrailError('UNAVAILABLE', '')), toy({}), 'reading');
    expect(await ending(silent(wish))).toBe('UNAVAILABLE');
  });

  it('is no function of a disposed channel, nor of a look-alike', async () => {
    const channel = toy({});
    await channel[Symbol.asyncDispose]();
    expect(await ending(reschedule(sending(changed), channel)(wish))).toBe('NOT_SENT');
    expect(() => reschedule(sending(changed), { ...toy({}) })).toThrow(/channel must be/);
  });
});
