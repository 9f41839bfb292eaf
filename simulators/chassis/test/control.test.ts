/** The `/_sim/` routes, over both mounts: what they do, and how they refuse. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mountHttp, mountInProcess, type Site } from '../src/index.ts';
import { toy } from './toy.ts';

const startAt = Date.UTC(2026, 10, 22);
const options = { seed: 1, startAt, frozen: true };
type Method = 'GET' | 'POST' | 'DELETE' | 'PUT';

describe.each([
  ['in process', () => mountInProcess(toy, options)],
  ['over http', () => mountHttp(toy, options)],
])('%s', (_, mount) => {
  let site: Site;
  beforeEach(async () => {
    site = await mount();
    site.listen(() => ({ status: 200, headers: {}, body: Buffer.from('success') }));
  });
  afterEach(() => site.stop());

  const send = async (method: Method, path: string, body?: string, type = 'application/json') => {
    const headers = body === undefined ? {} : { 'content-type': type };
    const url = `${site.url}${path}`;
    const sent = body === undefined ? {} : { body };
    const reply = await site.transport.exchange({ method, url, headers, ...sent });
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) chunks.push(chunk);
    return { ...reply, text: Buffer.concat(chunks).toString() };
  };
  const ask = async (method: Method, path: string, body?: unknown) => {
    const { status, text } = await send(method, path, body ? JSON.stringify(body) : undefined);
    return { status, json: JSON.parse(text) as unknown };
  };
  const form = 'application/x-www-form-urlencoded';

  test('discovery is what the simulator says, with the query handed on', async () => {
    expect((await ask('GET', '/_sim/discovery')).json).toEqual({
      channel: 'toy',
      baseUrl: site.url,
      mode: 'key',
    });
    expect((await ask('GET', '/_sim/discovery?mode=cert')).json).toMatchObject({ mode: 'cert' });
    expect(site.discovery({ mode: 'cert' })).toMatchObject({ mode: 'cert' });
  });

  test('faults: armed by JSON, form or query, listed, disarmed, cleared', async () => {
    expect(await ask('POST', '/_sim/faults', { fault: 'drop-reply', times: 2 })).toEqual({
      status: 201,
      json: { ruleId: 'fault-1' },
    });
    await send('POST', '/_sim/faults', 'fault=delay&delayMs=5&operation=&id=o1', form);
    await send('POST', '/_sim/faults?fault=drop-request&silent=true');
    expect((await ask('GET', '/_sim/faults')).json).toEqual([
      { ruleId: 'fault-1', hits: 0, fault: 'drop-reply', times: 2 },
      { ruleId: 'fault-2', hits: 0, fault: 'delay', delayMs: 5, id: 'o1' },
      { ruleId: 'fault-3', hits: 0, fault: 'drop-request', silent: true },
    ]);
    expect((await ask('DELETE', '/_sim/faults?ruleId=fault-2')).json).toEqual({
      disarmed: 'fault-2',
    });
    expect((await ask('DELETE', '/_sim/faults?ruleId=fault-2')).status).toBe(404);
    await ask('DELETE', '/_sim/faults');
    expect(site.faults.list()).toEqual([]);
  });

  test('clock: read, advanced, moved, frozen, resumed, sped up', async () => {
    expect((await ask('GET', '/_sim/clock')).json).toEqual({
      now: '2026-11-22T00:00:00.000Z',
      epochMs: startAt,
      mode: 'frozen',
      factor: 1,
    });
    const advanced = await ask('POST', '/_sim/clock', { advanceMs: 1_000 });
    expect(advanced.json).toMatchObject({ now: '2026-11-22T00:00:01.000Z' });
    const moved = await ask('POST', '/_sim/clock', { to: '2026-11-23T00:00:00.000Z' });
    expect(moved.json).toMatchObject({ now: '2026-11-23T00:00:00.000Z' });
    const sped = await ask('POST', '/_sim/clock', { resume: true, speed: 60 });
    expect(sped.json).toMatchObject({ mode: 'moved', factor: 60 });
    await send('POST', '/_sim/clock?freeze=true');
    expect(site.clock.state.mode).toBe('frozen');
  });

  test('payer: every decision, by POST or by a plain URL, options handed on', async () => {
    await site.transport.exchange({ method: 'POST', url: `${site.url}/pay?id=o1`, headers: {} });
    const approve = { id: 'o1', decision: 'approve', amount: '1.00' };
    expect((await ask('POST', '/_sim/payer', approve)).json).toEqual({
      id: 'o1',
      decision: 'approve',
      result: { approved: 'o1', amount: '1.00' },
    });
    expect((await ask('GET', '/_sim/payer?id=o1&decision=decline')).json).toMatchObject({
      result: { declined: 'o1' },
    });
    expect((await ask('POST', '/_sim/payer?id=o1&decision=abandon')).json).toMatchObject({
      result: null,
    });
    expect(await ask('POST', '/_sim/payer', { id: 'o9', decision: 'approve' })).toEqual({
      status: 409,
      json: { error: { message: 'no order o9' } },
    });
  });

  test('journal: filtered and cleared; steering is not in it', async () => {
    for (const id of ['o1', 'o2']) {
      await site.transport.exchange({
        method: 'POST',
        url: `${site.url}/pay?id=${id}`,
        headers: {},
      });
    }
    await site.notifier.idle();
    const list = async (query: string) =>
      ((await ask('GET', `/_sim/journal${query}`)).json as { id: string }[]).map(({ id }) => id);
    expect(await list('?direction=request')).toEqual(['o1', 'o2']);
    expect(await list('?direction=request&id=o2')).toEqual(['o2']);
    expect(await list('?operation=paid')).toHaveLength(2);
    expect(await list('?limit=1')).toHaveLength(1);
    expect(await list('?after=999')).toEqual([]);
    await ask('DELETE', '/_sim/journal');
    expect(await list('')).toEqual([]);
  });

  test('book, settle, notifications and reset', async () => {
    await site.transport.exchange({ method: 'POST', url: `${site.url}/pay?id=o1`, headers: {} });
    expect((await ask('GET', '/_sim/book')).json).toMatchObject({ merchant: 1 });
    expect((await ask('GET', '/_sim/book?id=o1')).json).toMatchObject({ status: 'paid' });
    expect((await ask('GET', '/_sim/book?id=o9')).json).toBeNull();
    const settled = { date: '2026-11-22', result: { lines: 1, date: '2026-11-22' } };
    expect((await ask('POST', '/_sim/settle?date=2026-11-22')).json).toEqual(settled);
    expect((await ask('POST', '/_sim/settle', { date: '2026-11-22' })).json).toEqual(settled);
    await site.notifier.idle();
    expect((await ask('GET', '/_sim/notifications')).json).toEqual([]);
    expect((await ask('POST', '/_sim/reset')).json).toEqual({ reset: true });
    expect(site.book('o1')).toBeNull();
  });

  test.each<[Method, string, unknown, number, string]>([
    ['GET', '/_sim/nothing', undefined, 404, 'path'],
    ['GET', '/_sim/constructor', undefined, 404, 'path'],
    ['PUT', '/_sim/clock', undefined, 405, 'method'],
    ['GET', '/_sim/settle', undefined, 405, 'method'],
    ['POST', '/_sim/settle', undefined, 400, 'date'],
    ['POST', '/_sim/settle?date=2026-02-30', undefined, 400, 'date'],
    ['POST', '/_sim/settle?date=20261122', undefined, 400, 'date'],
    ['POST', '/_sim/faults', { fault: 'drop-replay' }, 400, 'fault'],
    ['POST', '/_sim/faults', { fault: 'drop-reply', times: 'many' }, 400, 'times'],
    ['POST', '/_sim/faults', {}, 400, 'fault'],
    ['POST', '/_sim/faults', [], 400, 'body'],
    ['POST', '/_sim/clock', {}, 400, 'advanceMs'],
    ['POST', '/_sim/clock', { advanceMs: 'soon' }, 400, 'advanceMs'],
    ['POST', '/_sim/clock', { to: '2020-01-01T00:00:00.000Z' }, 400, 'to'],
    ['POST', '/_sim/clock', { rewind: 1 }, 400, 'rewind'],
    ['POST', '/_sim/clock', { speed: 0 }, 400, 'speed'],
    ['POST', '/_sim/payer', { decision: 'approve' }, 400, 'id'],
    ['POST', '/_sim/payer', { id: 'o1', decision: 'toString' }, 400, 'decision'],
    ['GET', '/_sim/journal?direction=up', undefined, 400, 'direction'],
    ['GET', '/_sim/journal?limit=x', undefined, 400, 'limit'],
  ])('%s %s %j is refused with %i, naming %s', async (method, path, body, status, field) => {
    const refused = await ask(method, path, body);
    expect(refused.status).toBe(status);
    const { error } = refused.json as { error: { field: string; rule?: string; message: string } };
    expect(error.field).toBe(field);
    expect(error.message).not.toBe('');
    expect(error.rule).toBeTypeOf('string');
  });

  test('a body that cannot be read is refused', async () => {
    const { status, text } = await send('POST', '/_sim/faults', '{"fault":');
    expect(status).toBe(400);
    expect(text).toContain('a JSON object, or a form');
  });

  test('the console shows orders, faults, journal, escaped; its buttons come back', async () => {
    const url = `${site.url}/pay?id=${encodeURIComponent('<b>o1')}`;
    await site.transport.exchange({ method: 'POST', url, headers: {} });
    for (const path of ['/_sim', '/_sim/']) {
      const page = await send('GET', path);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.text).toContain('toy simulator');
      expect(page.text).toContain('&lt;b&gt;o1');
      expect(page.text).not.toContain('<b>o1');
      expect(page.text).toContain('user-paying');
    }
    const pressed = await send('POST', '/_sim/clock', 'advanceMs=60000&back=console', form);
    expect([pressed.status, pressed.headers['location']]).toEqual([303, '/_sim/']);
    expect(site.clock.now()).toBe(startAt + 60_000);
    const wrong = await send('POST', '/_sim/faults', 'fault=nope&back=console', form);
    expect(wrong.status).toBe(400);
  });

  test('control routes are out of reach of faults', async () => {
    site.faults.arm({ fault: 'drop-request' });
    expect((await ask('GET', '/_sim/clock')).status).toBe(200);
    expect(site.faults.list()[0]?.hits).toBe(0);
  });
});
