import { afterEach, describe, expect, it } from 'vitest';
import type { ClearingSite } from '../src/index.ts';
import { open, owing, today, tomorrow } from './open.ts';

let house: ClearingSite;
afterEach(() => house.stop());

async function ask(path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await fetch(`${house.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    ...(body === undefined ? {} : { body: text }),
  });
  const answer = await reply.text();
  const type = reply.headers.get('content-type') ?? '';
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
  const json: any = type.startsWith('application/json') ? JSON.parse(answer) : undefined;
  return { status: reply.status, type, text: answer, json };
}
const tea = { id: 'o1', debtor: 'a', creditor: 'b', amount: 500, memo: 'tea' };

describe('over HTTP', () => {
  it('participants join, report, and fetch their papers once the day is closed', async () => {
    house = await open({ mount: 'http' });
    const shell = { name: 'shell', kind: 'payer', reserves: 7 };
    expect((await ask('/participants', shell)).json).toEqual({
      name: 'shell',
      kind: 'payer',
      account: 'shell',
      openingReserves: 7,
    });
    expect((await ask('/obligations', tea)).json).toEqual({
      id: 'o1',
      businessDay: today,
      recordedAt: '2026-11-24T02:00:00.000Z',
    });
    const paper = `participant=b&date=${today}`;
    expect(await ask(`/settlement?${paper}`)).toMatchObject({
      status: 409,
      json: { error: { field: 'date' } },
    });
    const settled = await ask('/_sim/settle', { date: today });
    expect(settled.json.result).toMatchObject({ date: today, moved: 500 });
    expect((await ask(`/settlement?${paper}`)).json).toEqual(house.settlement('b', today));
    expect((await ask(`/funds-statement?${paper}`)).json).toEqual(house.fundsStatement('b', today));
    expect((await ask('/participants')).json).toEqual(house.participants());
  });

  it('says what is wrong, and with what', async () => {
    house = await open({ mount: 'http' });
    const wrongs: readonly [string, unknown, number, string][] = [
      ['/obligations', { ...tea, amount: 0 }, 400, 'amount'],
      ['/obligations', { ...tea, debtor: 'nobody' }, 404, 'debtor'],
      ['/obligations', 'not json', 400, 'body'],
      ['/participants', { name: 'x', kind: 'cloud' }, 400, 'kind'],
      ['/participants', { name: 'a', kind: 'bank' }, 409, 'name'],
      ['/participants', { kind: 'bank' }, 400, 'name'],
      ['/settlement?date=2026-11-24', undefined, 400, 'participant'],
      ['/nowhere', undefined, 404, 'path'],
    ];
    for (const [path, body, status, field] of wrongs) {
      expect(await ask(path, body), path).toMatchObject({ status, json: { error: { field } } });
    }
    expect(await ask('/obligations', 'null')).toMatchObject({ status: 400 });
    expect(house.participants()).toHaveLength(3);
  });

  it('knows the faults of the wire: done and unheard is done once', async () => {
    house = await open({ mount: 'http' });
    house.faults.arm({ fault: 'drop-reply', operation: 'record', id: 'o1' });
    await expect(ask('/obligations', tea)).rejects.toThrow();
    expect(house.position('b')).toBe(500);
    expect((await ask('/obligations', tea)).status).toBe(200);
    expect(house.position('b')).toBe(500);
    house.faults.arm({ fault: 'maintenance' });
    expect((await ask('/obligations', { ...tea, id: 'o2' })).status).toBe(503);
    expect(house.obligation('o2')).toBeUndefined();
  });

  it('shows the netting table as a page, as text and as data, and on the console', async () => {
    house = await open({ mount: 'http', reserves: { a: 0 } });
    const owe = owing(house);
    owe('a', 'b', 123_400);
    owe('b', 'a', 400);
    owe('c', 'b', 900);
    expect((await ask('/_sim/netting')).text).toContain('still open');
    house.close(today);
    expect(await ask(`/_sim/netting?format=text&date=${today}`)).toMatchObject({
      status: 200,
      type: 'text/plain; charset=utf-8',
      text: [
        'Netting of 2026-11-24, CNY, closed at 2026-11-24T02:00:00.000Z',
        'debtor  creditor     owes  is owed     pays  fate',
        'a       b         1234.00     4.00  1230.00  short of reserves: carried',
        'c       b            9.00     0.00     9.00  settled',
        '3 obligations of 1247.00 in all, 9.00 moved, 1230.00 carried',
        '',
      ].join('\n'),
    });
    const page = await ask(`/_sim/netting?date=${today}`);
    expect(page.text).toContain('<td class="bad">short of reserves: carried</td>');
    expect(page.text).toContain('1234.00');
    const data = await ask(`/_sim/netting?format=json&date=${today}`);
    expect(data.json).toEqual(house.netting(today));
    expect((await ask('/_sim/netting?format=text')).text).toContain(`since ${today}`);
    expect((await ask('/_sim/netting?date=2026-11-01')).status).toBe(404);
    expect((await ask('/_sim/')).text).toContain('reserves:b');
    expect(house.discovery()).toMatchObject({
      channel: 'clearing',
      businessDay: tomorrow,
      dayEndsAt: '23:00',
      nettingUrl: `${house.url}/_sim/netting`,
    });
  });
});
