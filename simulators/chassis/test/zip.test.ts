import { crc32, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeZip, type ZipEntry } from '../src/index.ts';

/**
 * Reads an archive by its directory alone, as readers do; written from the format's description.
 */
function readZip(bytes: Uint8Array): ZipEntry[] {
  const archive = Buffer.from(bytes);
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  expect(at + archive.readUInt32LE(end + 12)).toBe(end);
  return Array.from({ length: count }, () => {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50);
    expect(archive.readUInt16LE(at + 8) & 0x0800).toBe(0);
    const [packed, size] = [archive.readUInt32LE(at + 20), archive.readUInt32LE(at + 24)];
    const nameLength = archive.readUInt16LE(at + 28);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.subarray(at + 46, at + 46 + nameLength);
    expect(archive.readUInt32LE(local)).toBe(0x04034b50);
    expect(archive.subarray(local + 4, local + 30)).toEqual(archive.subarray(at + 6, at + 32));
    expect(archive.subarray(local + 30, local + 30 + nameLength)).toEqual(name);
    const start = local + 30 + nameLength;
    const data = inflateRawSync(archive.subarray(start, start + packed));
    expect([data.length, crc32(data)]).toEqual([size, archive.readUInt32LE(at + 16)]);
    at += 46 + nameLength;
    return { name: new Uint8Array(name), data: new Uint8Array(data) };
  });
}

test('what is written can be read back, names byte for byte', () => {
  const name = fc.uint8Array({ minLength: 1, maxLength: 40 });
  const data = fc.uint8Array({ maxLength: 2_000 });
  fc.assert(
    fc.property(fc.array(fc.record({ name, data }), { maxLength: 5 }), (entries) => {
      const plain = entries.map((entry) => ({
        name: Uint8Array.from(entry.name),
        data: Uint8Array.from(entry.data),
      }));
      expect(readZip(writeZip(entries))).toEqual(plain);
    }),
  );
});

test('the same entries make the same bytes; long runs shrink', () => {
  const entries = [{ name: Buffer.from('a.csv'), data: Buffer.alloc(100_000, 'x') }];
  expect(writeZip(entries)).toEqual(writeZip(entries));
  expect(writeZip(entries).length).toBeLessThan(1_000);
  const long = { name: new Uint8Array(65_536), data: new Uint8Array(0) };
  expect(() => writeZip([long])).toThrow(RangeError);
});
