import { PolyrailError } from '@polyrail/core';
import { expect, it, vi } from 'vitest';
import { beforehand, followUp } from '../src/question.ts';
import { rejection } from './support/errors.ts';

it('a refused question about a call refuses nothing: we do not know', async () => {
  const cause = new PolyrailError('REFUSED', 'no permission', { reason: 'permission-denied' });
  const error = await rejection(followUp(() => Promise.reject(cause)));
  expect(error).toMatchObject({ code: 'UNAVAILABLE', doubt: 'server-error' });
  expect(error.cause).toBe(cause);
});

it('a question that ends otherwise ends as it does', async () => {
  expect(await followUp(async () => 7)).toBe(7);
  const silence = new PolyrailError('UNAVAILABLE', 'silence', { doubt: 'no-reply' });
  expect(await rejection(followUp(() => Promise.reject(silence)))).toBe(silence);
});

it('a question beforehand neither prepares the call nor crosses its point of no return', async () => {
  const { signal } = new AbortController();
  const call = { signal, verb: 'capture', prepared: vi.fn(), sent: vi.fn() };
  const question = beforehand(call);
  await question.prepared('handle');
  question.sent();
  expect(question).toMatchObject({ signal, verb: 'capture' });
  expect([call.prepared.mock.calls, call.sent.mock.calls]).toEqual([[], []]);
});
