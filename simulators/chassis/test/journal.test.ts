import { secret } from '@polyrail/core';
import { expect, test } from 'vitest';
import { createJournal, type JournalEntry } from '../src/index.ts';

const entry = (more: Partial<JournalEntry> = {}): Omit<JournalEntry, 'sequence'> => ({
  at: '2026-11-22T00:00:00.000Z',
  direction: 'request',
  operation: 'pay',
  faults: [],
  durationMs: 1,
  ...more,
});

test('keeps the newest entries and numbers them on', () => {
  const journal = createJournal({ limit: 3 });
  for (let count = 0; count < 10; count += 1) journal.add(entry({ id: `o${count}` }));
  expect(journal.entries().map(({ id }) => id)).toEqual(['o7', 'o8', 'o9']);
  expect(journal.entries().map(({ sequence }) => sequence)).toEqual([8, 9, 10]);
  journal.clear();
  journal.add(entry());
  expect(journal.entries().map(({ sequence }) => sequence)).toEqual([11]);
});

test('filters combine', () => {
  const journal = createJournal();
  journal.add(entry({ id: 'a', faults: ['delay'] }));
  journal.add(entry({ id: 'a', operation: 'query' }));
  journal.add(entry({ id: 'b', direction: 'notification' }));
  const count = (filter: object) => journal.entries(filter).length;
  expect(count({ id: 'a' })).toBe(2);
  expect(count({ id: 'a', operation: 'query' })).toBe(1);
  expect(count({ fault: 'delay' })).toBe(1);
  expect(count({ direction: 'notification' })).toBe(1);
  expect(count({ after: 2 })).toBe(1);
  expect(journal.entries({ limit: 2 }).map(({ id }) => id)).toEqual(['a', 'b']);
});

const pem = '-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBgkqhkiG\n-----END PRIVATE KEY-----';
const card = '6222020200112233';

test.each<[string, unknown]>([
  ['a member', { auth_code: card }],
  ['a nested member', { a: [{ cardNo: card }] }],
  ["the simulator's own member", { walletId: card }],
  ['JSON inside a text', { biz_content: JSON.stringify({ auth_code: card, total: '1' }) }],
  ['a number in JSON inside a text', { biz_content: `{"card_no":${card}}` }],
  ['JSON inside JSON', { outer: JSON.stringify({ inner: JSON.stringify({ auth_code: card }) }) }],
  ['an escaped quote in the value', { text: `{"auth_code":"x\\"${card}"}` }],
  [
    'a value that ends in a backslash',
    { text: `{"auth_code":"${card}\\\\","auth_code":"${card}"}` },
  ],
  ['a text cut short', { text: `{"a":1,"auth_code":"${card}` }],
  ['an object', { text: `{"customerInfo":{"x":"${card}"}}` }],
  ['an encoded form', { text: `biz_content=${encodeURIComponent(`{"auth_code":"${card}"}`)}&a=1` }],
  ['a form inside a text', { body: `a=1&auth_code=${card}&b=2` }],
  ['a canonical text', `app_id=1&biz_content={"auth_code":"${card}"}&method=pay`],
  ['an element of XML', { body: `<xml><auth_code>${card}</auth_code></xml>` }],
  ['a CDATA section', `<xml><a>1</a><auth_code><![CDATA[<b>]${card}]]></auth_code></xml>`],
  ['a CDATA section cut short', { body: `<xml><auth_code><![CDATA[${card}` }],
  ['a key in text', { note: `expected ${pem.replace('MIIBVgIBADANBgkqhkiG', card)}` }],
  ['a key cut short', { note: `-----BEGIN RSA PRIVATE KEY-----\n${card}` }],
  ['a secret', { key: secret(card) }],
])('%s is masked, in request, reply and note', (_, value) => {
  const journal = createJournal({ secretFields: ['walletId'] });
  journal.add(entry({ request: value, reply: value, note: JSON.stringify(value) }));
  journal.add(entry({ note: String(typeof value === 'string' ? value : '') }));
  expect(JSON.stringify(journal.entries())).not.toContain(card);
});

test('masking takes the value and nothing beside it', () => {
  const journal = createJournal();
  const inner = JSON.stringify({ auth_code: 'say "x\\', total: '0.01' });
  journal.add(entry({ request: { inner, outer: JSON.stringify({ inner }) } }));
  const masked = JSON.stringify({ auth_code: '[redacted]', total: '0.01' });
  expect(journal.entries()[0]?.request).toEqual({
    inner: masked,
    outer: JSON.stringify({ inner: masked }),
  });
});

test('what is no secret stays readable', () => {
  const journal = createJournal();
  const request = { method: 'pay', biz_content: '{"out_trade_no":"o1","total_amount":"0.01"}' };
  const note = 'expected a=1&b=2, received <xml><a><![CDATA[1]]></a><b>3</b></xml>';
  journal.add(entry({ request, note }));
  expect(journal.entries()[0]).toMatchObject({ request, note });
});

test('an entry is a copy, frozen, and its texts are capped', () => {
  const journal = createJournal();
  const request = { a: 'before', long: 'x'.repeat(100_000) };
  journal.add(entry({ request }));
  request.a = 'after';
  const kept = journal.entries()[0]!;
  expect((kept.request as typeof request).a).toBe('before');
  expect((kept.request as typeof request).long.length).toBeLessThan(21_000);
  expect(() => Object.assign(kept, { operation: 'x' })).toThrow(TypeError);
});
