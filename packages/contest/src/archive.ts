/** contest · archive: ZIP archives of files that are too long to be held unpacked, and what fills them. */
import { once } from 'node:events';
import { crc32, createDeflateRaw } from 'node:zlib';

/** The same numbers in every run, 0 to 2^32 - 1. */
export function* billNumbers(): Generator<number, never> {
  let state = 20_260_101;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

/** One file of an archive, packed already. */
export interface PackedFile {
  /** In whatever charset the archive's readers expect. */
  readonly name: Uint8Array;
  readonly data: Buffer;
  readonly size: number;
  readonly checksum: number;
}

/** Packs a file piece by piece. */
export async function packFile(
  name: Uint8Array,
  source: Iterable<Uint8Array>,
): Promise<PackedFile> {
  const deflate = createDeflateRaw();
  const chunks: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
  let size = 0;
  let checksum = 0;
  for (const bytes of source) {
    size += bytes.byteLength;
    checksum = crc32(bytes, checksum);
    if (!deflate.write(bytes)) await once(deflate, 'drain');
  }
  deflate.end();
  await once(deflate, 'end');
  return { name, data: Buffer.concat(chunks), size, checksum };
}

/** What both of a file's headers say. */
function fieldsOf({ name, data, size, checksum }: PackedFile): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt16LE(0x21, 8);
  fields.writeUInt32LE(checksum, 10);
  fields.writeUInt32LE(data.length, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(name.byteLength, 22);
  return fields;
}

/** The archive of these files. */
export function archiveOf(files: readonly PackedFile[]): Buffer {
  const locals: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let offset = 0;
  for (const file of files) {
    const { name, data } = file;
    const fields = fieldsOf(file);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    locals.push(Buffer.from('PK\x03\x04', 'latin1'), fields, name, data);
    records.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, tail, name);
    offset += 30 + name.byteLength + data.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
