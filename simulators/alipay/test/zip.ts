/** alipay simulator · zip: reads bills back, by the description of their formats alone. */
import { inflateRawSync } from 'node:zlib';
import { decodeText } from '@polyrail/simulator';
import { expect } from 'vitest';

export interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly text: string;
}

/** Reads a ZIP from its directory, by the format's own description. */
export function unzip(bytes: Buffer): Entry[] {
  const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    expect(bytes.toString('latin1', at, at + 4)).toBe('PK\u0001\u0002');
    const flags = bytes.readUInt16LE(at + 8);
    const packed = bytes.readUInt32LE(at + 20);
    const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const [nameLength = 0, extraLength = 0, commentLength = 0] = lengths;
    const local = bytes.readUInt32LE(at + 42);
    const name = decodeText(bytes.subarray(at + 46, at + 46 + nameLength), 'gbk');
    const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = inflateRawSync(bytes.subarray(from, from + packed));
    at += 46 + nameLength + extraLength + commentLength;
    return { name, flags, text: decodeText(data, 'gbk') };
  });
}

/** The rows of a bill, its header first. */
export const rowsOf = ({ text }: Entry): string[][] => {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(','));
};
export const column = (rows: string[][], name: string): string[] => {
  const index = (rows[0] ?? []).indexOf(name);
  return rows.slice(1).map((row) => row[index] ?? '');
};
