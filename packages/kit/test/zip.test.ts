import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openZip } from '../src/zip.ts';
import { rejection } from './support/errors.ts';

interface Packed {
  readonly name: Uint8Array | string;
  readonly data: Uint8Array;
  readonly stored?: boolean;
  readonly utf8?: boolean;
  /** Lies of the directory. */
  readonly size?: number;
  readonly crc?: number;
  readonly encrypted?: boolean;
  readonly method?: number;
}

/** A ZIP archive field by field (APPNOTE 4.3), so that each of them may lie. */
function zip(files: readonly Packed[]): Uint8Array {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = 0;
  for (const { name, data, stored, utf8, size, crc, encrypted, method } of files) {
    const raw = Buffer.from(name as string);
    const body = stored ? Buffer.from(data) : deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE((utf8 ? 0x800 : 0) | (encrypted ? 1 : 0), 2);
    fields.writeUInt16LE(method ?? (stored ? 0 : 8), 4);
    fields.writeUInt16LE(0x21, 8);
    fields.writeUInt32LE(crc ?? crc32(data), 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(size ?? data.length, 18);
    fields.writeUInt16LE(raw.length, 22);
    locals.push(Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, raw, body]));
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    records.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, tail, raw]));
    offset += 30 + raw.length + body.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals, directory, end]));
}

async function unpacked(
  bytes: Uint8Array | readonly Uint8Array[],
  limits = {},
): Promise<[string, Buffer][]> {
  const files: [string, Buffer][] = [];
  for (const { name, stream } of await openZip(bytes, limits)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream()) chunks.push(chunk);
    files.push([name, Buffer.concat(chunks)]);
  }
  return files;
}

const bill = Buffer.from('a bill\n'.repeat(50_000));
const gbkName = Buffer.from('d5cbb5a5', 'hex');

describe('an archive', () => {
  it('gives back what was put in, stored or deflated', async () => {
    const data = fc.uint8Array({ maxLength: 5000 });
    await fc.assert(
      fc.asyncProperty(data, data, fc.boolean(), async (one, other, stored) => {
        const files = [
          { name: 'a.csv', data: one, stored },
          { name: 'b.csv', data: other },
        ];
        expect(await unpacked(zip(files))).toEqual([
          ['a.csv', Buffer.from(one)],
          ['b.csv', Buffer.from(other)],
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same in one piece or in the pieces it arrived in', async () => {
    const data = fc.uint8Array({ maxLength: 3000 });
    const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(data, data, cuts, async (one, other, sizes) => {
        const whole = zip([
          { name: 'a.csv', data: one, stored: true },
          { name: 'b.csv', data: other },
        ]);
        const pieces: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(whole.subarray(at, at + size));
          at += size;
        }
        expect(await unpacked(pieces)).toEqual(await unpacked(whole));
      }),
      { numRuns: 40 },
    );
  });

  it('may be read twice, left early, and read again', async () => {
    const [entry] = await openZip([zip([{ name: 'a', data: bill }])]);
    for await (const _chunk of entry?.stream() ?? []) break;
    for (let time = 0; time < 2; time += 1) {
      let size = 0;
      for await (const chunk of entry?.stream() ?? []) size += chunk.length;
      expect(size).toBe(bill.length);
    }
  });

  it('unpacks in pieces', async () => {
    const [entry] = await openZip(zip([{ name: 'a', data: bill }]));
    let chunks = 0;
    for await (const chunk of entry?.stream() ?? []) {
      chunks += 1;
      expect(chunk.length).toBeLessThanOrEqual(64 * 1024);
    }
    expect(chunks).toBeGreaterThan(4);
  });

  it('has names in GBK, in UTF-8 with or without the flag, and leaves folders out', async () => {
    const data = Buffer.from('x');
    const names = (
      await openZip(
        zip([
          { name: gbkName, data },
          { name: '账单', data },
          { name: '账单', data, utf8: true },
          { name: 'folder/', data: Buffer.alloc(0) },
        ]),
      )
    ).map(({ name }) => name);
    expect(names).toEqual(['账单', '账单', '账单']);
  });

  it.each<[string, Packed]>([
    ['is larger than it says', { name: 'a', data: bill, size: 100 }],
    ['is smaller than it says', { name: 'a', data: bill, size: bill.length + 1 }],
    ['has another checksum', { name: 'a', data: bill, crc: 1 }],
    ['is encrypted', { name: 'a', data: bill, encrypted: true }],
    ['is packed in another way', { name: 'a', data: bill, method: 12 }],
  ])('with an entry that %s is refused', async (_, packed) => {
    const error = await rejection(unpacked(zip([packed])));
    expect(error).toMatchObject({ code: 'REPLY_UNREADABLE', doubt: 'unreadable-reply' });
  });

  it('never unpacks past its caps', async () => {
    const bomb = Buffer.alloc(8 * 1024 * 1024);
    const honest = zip([{ name: 'bomb', data: bomb }]);
    expect(honest.length).toBeLessThan(20_000);
    const entries = { maxEntryBytes: 1024 * 1024 };
    expect((await rejection(unpacked(honest, entries))).message).toMatch(/more than 1048576 bytes/);
    const two = zip([
      { name: 'a', data: bill },
      { name: 'b', data: bill },
    ]);
    const total = { maxTotalBytes: bill.length + 1 };
    expect((await rejection(unpacked(two, total))).message).toMatch(/archive unpacks/);
    expect((await rejection(unpacked(two, { maxEntries: 1 }))).message).toMatch(/1 entries/);
    let read = 0;
    const [liar] = await openZip(zip([{ name: 'a', data: bomb, size: 1000 }]));
    const consume = async () => {
      for await (const chunk of liar?.stream() ?? []) read += chunk.length;
    };
    await rejection(consume());
    expect(read).toBeLessThan(128 * 1024);
  });

  it('is refused as a bomb over its ratio, whatever it is packed in', async () => {
    const flat = zip([{ name: 'flat', data: Buffer.alloc(20 * 1024 * 1024) }]);
    expect((await rejection(openZip(flat))).message).toMatch(/more than 200 times its size/);
    expect(await openZip(flat, { maxRatio: 1100 })).toHaveLength(1);
    const small = zip([{ name: 'small', data: Buffer.alloc(1024 * 1024) }]);
    expect(await openZip(small, { maxRatio: 1 })).toHaveLength(1);
  });

  it('cut anywhere, or flipped in any byte, is refused or gives the very same', async () => {
    const whole = zip([{ name: 'a.csv', data: Buffer.from('1,2,3\n4,5,6\n') }]);
    const honest = await unpacked(whole);
    for (let length = 0; length < whole.length; length += 1) {
      await rejection(unpacked(whole.subarray(0, length)));
    }
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = whole.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 0x01;
      const contents = await unpacked(flipped).then(
        (files) => files.map(([, data]) => data),
        () => [],
      );
      for (const data of contents) expect(data).toEqual(honest[0]?.[1]);
    }
  });
});
