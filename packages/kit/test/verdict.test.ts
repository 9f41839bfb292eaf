import { describe, expect, it } from 'vitest';
import {
  decide,
  each,
  failed,
  notFound,
  refused,
  repeatedId,
  unclear,
  undocumented,
  type Verdict,
} from '../src/verdict.ts';
import { thrown } from './support/errors.ts';

const said = {
  message: 'The channel answered pay with NO_MONEY',
  channelCode: 'NO_MONEY',
  channelMessage: 'no money',
  evidence: 'signed',
  raw: { code: 'NO_MONEY' },
} as const;

describe('a verdict', () => {
  it('about the movement becomes its end, with reason and advice', () => {
    expect(decide(failed('insufficient-funds', 'new-id'), said)).toEqual({
      status: 'failed',
      reason: 'insufficient-funds',
      retry: 'new-id',
      evidence: 'signed',
      raw: said.raw,
      channelCode: 'NO_MONEY',
      channelMessage: 'no money',
    });
  });

  it('about the message is thrown, with what the channel said', () => {
    const error = thrown(() => decide(refused('parameter-invalid'), said));
    expect(error).toMatchObject({
      code: 'REFUSED',
      message: said.message,
      reason: 'parameter-invalid',
      evidence: 'signed',
      channelCode: 'NO_MONEY',
      channelMessage: 'no money',
    });
    expect(error.retryAfterMs).toBeUndefined();
  });

  it('about the rate says how long to wait: a second, unless told', () => {
    const waits = (more: object) =>
      thrown(() => decide(refused('rate-limited'), { ...said, ...more })).retryAfterMs;
    expect([waits({}), waits({ rateLimitMs: 60_000 })]).toEqual([1000, 60_000]);
  });

  it.each<[Verdict, string, string | undefined]>([
    [unclear, 'server-error', 'UNAVAILABLE'],
    [undocumented, 'unreadable-reply', 'REPLY_UNREADABLE'],
    [notFound, 'not-found', undefined],
    [repeatedId, 'repeated-id', undefined],
  ])('about nothing leaves us not knowing: %o', (verdict, doubt, code) => {
    const found = decide(verdict, said);
    expect(found).toMatchObject({ status: 'unknown', doubt, channelCode: 'NO_MONEY' });
    // A reading of the id is an answer; only where there is none does an error stand beside it.
    expect(found.status === 'unknown' && found.cause?.code).toBe(code);
  });
});

it('one verdict is spread over the codes it belongs to', () => {
  const codes = each(notFound, 'GONE LOST\n  NEVER_WAS');
  expect(codes).toEqual({ GONE: notFound, LOST: notFound, NEVER_WAS: notFound });
});
