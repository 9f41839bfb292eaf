/** Core · readme: its programs are those that are type-checked and run here; its tables are whole. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  codes,
  doubts,
  formatMoney,
  isSecret,
  money,
  PolyrailError,
  reasons,
  secret,
  type Transport,
} from '../src/index.ts';
import { createTill } from './readme/adapter.ts';
import { createClock, ending } from './toy.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const readme = read('../README.md');
const shown = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);

/** What a file holds between the marks that name its parts. */
const parts = [...read('readme/merchant.ts').matchAll(/\/\/ # (\w+)\n(.*?)\/\/ # \/\1\n/gs)];
const adapter = read('readme/adapter.ts')
  .replace(/^\/\*\* .* \*\/\n/, '')
  .replace(/ *\/\/ biome-ignore .*\n/, '');

describe('the README shows', () => {
  it.each(parts.map(([, name = '', code = '']) => [name, code]))(
    'the program %s as it is type-checked',
    (_, code) => {
      expect(shown).toContain(code.replaceAll(/^export /gm, ''));
    },
  );

  it('the adapter as it runs', () => {
    expect(shown).toContain(adapter);
  });

  it('nothing else but what this test runs', () => {
    expect(shown).toHaveLength(parts.length + 2);
  });

  it.each([
    ['doubts', doubts],
    ['reasons', reasons],
    ['error codes', codes],
    ['statuses', ['succeeded', 'pending', 'failed', 'unknown']],
  ])('every one of the %s, with its meaning', (_, words) => {
    for (const word of words)
      expect(readme).toMatch(new RegExp(`^\\| \`${word}\` +\\| .*\\w`, 'm'));
  });

  it('what money and secrets print', () => {
    const [code = ''] = shown.filter((one) => one.includes("money('9.00'"));
    const told = [...code.matchAll(/^(.*?); \/\/ (.*)$/gm)].map(([, left, right]) => [left, right]);
    const scope = { formatMoney, isSecret, money, secret };
    const names = Object.keys(scope);
    expect(told.length).toBeGreaterThan(4);
    for (const [left = '', right = ''] of told) {
      // The README's own words, evaluated.
      const value = new Function(...names, `return ${left}`)(...Object.values(scope));
      expect(JSON.stringify(value), left).toBe(JSON.stringify(new Function(`return ${right}`)()));
    }
  });
});

describe('the adapter of the README', () => {
  const order = {
    scene: 'qr',
    merchantPaymentId: 'A1',
    amount: money('9.00', 'CNY'),
    description: 'Tea',
  } as const;
  const till = (text: string, status = 200) => {
    const seen: string[] = [];
    const transport: Transport = {
      async exchange({ url }, options) {
        if (text === 'refused') throw new PolyrailError('NOT_SENT', 'nobody listens');
        options?.onFirstByte?.();
        seen.push(url);
        async function* body() {
          yield new TextEncoder().encode(text);
        }
        return { status, headers: {}, body: body() };
      },
    };
    return { seen, channel: createTill('http://till', { transport, clock: createClock() }) };
  };

  it.each([
    ['PAID A1 9.00 7', 'succeeded'],
    ['OPEN A1 9.00 7', 'pending'],
    ['GONE A1 9.00 7', 'failed'],
    ['NONE', 'unknown/not-found'],
    ['PAID A2 9.00 7', 'unknown/contradicts-request'],
    ['PAID A1 9.01 7', 'unknown/contradicts-request'],
    ['nonsense', 'unknown/unreadable-reply'],
    ['LOST A1 9.00 7', 'unknown/unreadable-reply'],
    ['refused', 'NOT_SENT'],
  ])('told %j, ends as %s', async (text, end) => {
    expect(await ending(till(text).channel.pay(order))).toBe(end);
  });

  it('asks for what it was told to ask', async () => {
    const { channel, seen } = till('PAID A1 9.00 7');
    const paid = await channel.pay(order);
    await channel.query(paid.ref);
    expect(seen).toEqual(['http://till/pay/A1/9.00', 'http://till/query/A1']);
    expect(paid.ref.channelId).toBe('7');
    expect(await ending(till('', 502).channel.pay(order))).toBe('unknown/server-error');
  });
});
