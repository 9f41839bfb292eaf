import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { money, secret } from '@polyrail/core';
import { describe, expect, it } from 'vitest';
import { createGateway, sqliteStore } from '../src/index.ts';
import { createVault } from '../src/vault.ts';
import { createCountingRandom, createManualClock, scripted } from './script.ts';

const key = (id: string, fill: number) => ({ id, key: secret(new Uint8Array(32).fill(fill)) });
const random = createCountingRandom();

describe('a vault', () => {
  it('opens what it sealed, for the same place alone', () => {
    const vault = createVault([key('k1', 1)], random);
    const sealed = vault.seal('Tea for Zhang', 'here');
    expect(sealed).not.toContain('Zhang');
    expect(vault.open(sealed, 'here')).toBe('Tea for Zhang');
    expect(() => vault.open(sealed, 'there')).toThrow();
    expect(() => vault.open(`${sealed.slice(0, -6)}AAAAA=`, 'here')).toThrow();
  });

  it('rotates: the first key seals, the others still open', () => {
    const sealed = createVault([key('k1', 1)], random).seal('old', 'here');
    const rotated = createVault([key('k2', 2), key('k1', 1)], random);
    expect(rotated.open(sealed, 'here')).toBe('old');
    expect(rotated.seal('new', 'here')).toMatch(/^v1:k2:/);
    expect(() => createVault([key('k2', 2)], random).open(sealed, 'here')).toThrow(/key k1/);
    expect(rotated.open('{"kept":"before the first key"}', 'here')).toContain('before');
  });

  it('says which key is no key', () => {
    const short = { id: 'k1', key: secret('short') };
    const rule = /encryption\[0\]\.key must be a secret of 32 bytes/;
    expect(() => createVault([short], random)).toThrow(rule);
    const bare = { id: 'k1', key: new Uint8Array(32) } as unknown as typeof short;
    expect(() => createVault([bare], random)).toThrow(rule);
    expect(() => createVault([{ ...short, id: 'k:1' }], random)).toThrow(/encryption\[0\]\.id/);
  });
});

describe('a gateway with a key', () => {
  it('writes no word of a request or an answer into its file', async () => {
    const file = join(tmpdir(), `polyrail-vault-${process.pid}.sqlite`);
    const { channel } = scripted({ pay: { status: 'succeeded', channelMessage: 'Hallo Zhang' } });
    const gateway = await createGateway({
      channels: { one: channel },
      store: sqliteStore({ file }),
      clock: createManualClock(),
      encryption: [key('k1', 1)],
    });
    const order = {
      scene: 'qr',
      merchantPaymentId: 'order1',
      description: 'Tea for Zhang',
    } as const;
    await gateway.pay({ ...order, amount: money('9.90', 'CNY') });
    const entry = await gateway.find('payment', 'order1');
    expect(entry?.channelMessage).toBe('Hallo Zhang');
    await gateway.close();
    const written = readFileSync(file, 'latin1');
    expect(written).toContain('order1');
    expect(written).not.toContain('Zhang');
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  });
});
