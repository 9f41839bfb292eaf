/**
 * simulator · zip: writes ZIP archives whose names are raw bytes, as channels that write GBK names
 * do.
 */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** As it stands in the archive; the UTF-8 flag stays cleared. */
  readonly name: Uint8Array;
  readonly data: Uint8Array;
}

// 1980-01-01 00:00, the earliest the format knows: the same entries make the same bytes.
const dosDate = 0x0021;
const deflated = 8;

/** The fields that a local header and its directory record share. */
function commonFields(entry: ZipEntry, packed: Uint8Array): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(0, 2);
  fields.writeUInt16LE(deflated, 4);
  fields.writeUInt16LE(0, 6);
  fields.writeUInt16LE(dosDate, 8);
  fields.writeUInt32LE(crc32(entry.data), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(entry.data.length, 18);
  fields.writeUInt16LE(entry.name.length, 22);
  fields.writeUInt16LE(0, 24);
  return fields;
}

/** One archive, deflated, without ZIP64: at most 65 535 entries and 4 GiB in all. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array {
  if (entries.length > 0xffff) throw new RangeError('entries: at most 65535');
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    if (entry.name.length > 0xffff) throw new RangeError('name: at most 65535 bytes');
    const packed = deflateRawSync(entry.data);
    const common = commonFields(entry, packed);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), common, entry.name]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const head = Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1');
    directory.push(head, common, tail, entry.name);
    files.push(local, packed);
    offset += local.length + packed.length;
    if (offset > 0xffff_ffff) throw new RangeError('entries: at most 4 GiB in all');
  }
  const records = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(records.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, records, end]);
}
