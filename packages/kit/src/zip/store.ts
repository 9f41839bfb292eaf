/** kit · zip: an archive in memory as it arrived, in one piece or in many, read at any place. */
import { Readable } from 'node:stream';
import yauzl from 'yauzl';

export interface Store {
  readonly byteLength: number;
  /** The bytes between two places, without copying; ends early where the archive does. */
  range(start: number, end: number): Generator<Uint8Array, undefined>;
  /** For the directory, whose parts are read at random. */
  readonly reader: yauzl.RandomAccessReader;
}

type Range = Store['range'];

function* buffers(parts: Iterable<Uint8Array>): Generator<Buffer, undefined> {
  for (const { buffer, byteOffset, byteLength } of parts) {
    yield Buffer.from(buffer, byteOffset, byteLength);
  }
}

/** The shape in which yauzl wants to be given what is no file and no single buffer. */
class StoreReader extends yauzl.RandomAccessReader {
  readonly #range: Range;

  constructor(range: Range) {
    super();
    this.#range = range;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(buffers(this.#range(start, end)), { objectMode: false });
  }
}

/** The index of the piece that holds a place. */
function pieceAt(starts: readonly number[], place: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] as number) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function createStore(pieces: readonly Uint8Array[]): Store {
  const starts: number[] = [];
  let byteLength = 0;
  for (const piece of pieces) {
    starts.push(byteLength);
    byteLength += piece.byteLength;
  }
  function* range(start: number, end: number): Generator<Uint8Array, undefined> {
    let place = start;
    for (let index = pieceAt(starts, start); place < end; index += 1) {
      const piece = pieces[index];
      const first = starts[index];
      if (piece === undefined || first === undefined) return;
      const part = piece.subarray(place - first, end - first);
      if (part.byteLength > 0) yield part;
      place = first + piece.byteLength;
    }
  }
  const reader = new StoreReader(range);
  return { byteLength, range, reader };
}
