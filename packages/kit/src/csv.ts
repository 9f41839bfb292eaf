/** kit · csv: lines and columns of statement files as they stream, every length under a cap. */
import { Readable } from 'node:stream';
import { isPolyrailError, PolyrailError } from '@polyrail/core';

export interface LineOptions {
  /** Characters of one line without its end. Default 64 Ki. */
  readonly maxLineLength?: number;
}

export interface CsvOptions extends LineOptions {
  /** Default `,`. */
  readonly delimiter?: string;
  /**
   * Whether `"…"` may enclose delimiters, line ends and doubled quotes (RFC 4180). Default `false`:
   * quotes are characters like others, and lines are only split.
   */
  readonly quote?: boolean;
  /** Default 256. */
  readonly maxColumns?: number;
  /** Lines that begin with it are skipped. */
  readonly comment?: string;
}

type Pieces = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

const defaultMaxLineLength = 64 * 1024;
const defaultMaxColumns = 256;

const unreadable = (message: string): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', message, { doubt: 'unreadable-reply' });

interface Texts {
  text(piece: Uint8Array | string): string;
  end(): string;
}

/** Bytes as UTF-8, strictly: a statement is not read with characters replaced. */
function createTexts(): Texts {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (bytes: Uint8Array, stream: boolean): string => {
    try {
      return decoder.decode(bytes, { stream });
    } catch {
      throw unreadable('The file is not text in utf-8');
    }
  };
  return {
    text: (piece) => (typeof piece === 'string' ? piece : decode(piece, true)),
    end: () => decode(new Uint8Array(0), false),
  };
}

async function* textPieces(source: Pieces): AsyncGenerator<string, undefined> {
  const texts = createTexts();
  for await (const piece of source) yield texts.text(piece);
  yield texts.end();
}

const tooLong = (maxLineLength: number): PolyrailError =>
  unreadable(`A line passes the limit of ${maxLineLength} characters`);

/** A line without the carriage return of a CRLF. */
const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

/**
 * The lines of `readLines` in batches: as many as were whole in a piece of the file, so that crossing
 * the asynchronous boundary is paid once per piece and not once per line.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` when a line is too long or bytes are no UTF-8
 */
export async function* readLineBatches(
  source: Pieces,
  { maxLineLength = defaultMaxLineLength }: LineOptions = {},
): AsyncGenerator<readonly string[], undefined> {
  const texts = createTexts();
  let rest = '';
  let first = true;
  const take = (piece: string): readonly string[] => {
    const text = rest + (first && piece.startsWith('\ufeff') ? piece.slice(1) : piece);
    first = false;
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    // One more for a carriage return whose line feed is still to come.
    if (rest.length > maxLineLength + 1) throw tooLong(maxLineLength);
    for (let index = 0; index < lines.length; index += 1) {
      const line = withoutReturn(lines[index] as string);
      if (line.length > maxLineLength) throw tooLong(maxLineLength);
      lines[index] = line;
    }
    return lines;
  };
  for await (const piece of source) {
    const text = texts.text(piece);
    if (text !== '') yield take(text);
  }
  texts.end();
  const last = withoutReturn(rest);
  if (last.length > maxLineLength) throw tooLong(maxLineLength);
  if (rest !== '') yield [last];
}

/**
 * The lines of a file without their ends (LF or CRLF); empty ones included, and a last one without
 * an end. Bytes are UTF-8; of other charsets pass `decodeStream`'s text. A byte order mark is dropped.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` when a line is too long or bytes are no UTF-8
 */
export async function* readLines(
  source: Pieces,
  options: LineOptions = {},
): AsyncGenerator<string, undefined> {
  for await (const lines of readLineBatches(source, options)) yield* lines;
}

interface Layout {
  readonly delimiter: string;
  readonly comment: string | undefined;
  readonly maxColumns: number;
  readonly maxLineLength: number;
}

const tooWide = (maxColumns: number): PolyrailError =>
  unreadable(`A line has more than ${maxColumns} columns`);

async function* splitRows(source: Pieces, layout: Layout): AsyncGenerator<string[], undefined> {
  const { delimiter, comment, maxColumns, maxLineLength } = layout;
  for await (const lines of readLineBatches(source, { maxLineLength })) {
    for (const line of lines) {
      if (line === '' || (comment !== undefined && line.startsWith(comment))) continue;
      const columns = line.split(delimiter);
      if (columns.length > maxColumns) throw tooWide(maxColumns);
      yield columns;
    }
  }
}

async function* quotedRows(source: Pieces, layout: Layout): AsyncGenerator<string[], undefined> {
  const { delimiter, comment = null, maxColumns, maxLineLength } = layout;
  // Loaded at the first quoted file: most statements quote nothing.
  const { parse } = await import('csv-parse');
  const parser = parse({
    delimiter,
    comment,
    comment_no_infix: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: maxLineLength,
  });
  const input = Readable.from(textPieces(source));
  input.once('error', (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const columns of parser as AsyncIterable<string[]>) {
      if (columns.length > maxColumns) throw tooWide(maxColumns);
      yield columns;
    }
  } catch (error) {
    if (isPolyrailError(error)) throw error;
    const code: unknown = Reflect.get(Object(error), 'code');
    if (code === 'CSV_MAX_RECORD_SIZE') throw tooLong(maxLineLength);
    throw unreadable('The file is not CSV: a quote is not closed or stands where none may');
  } finally {
    input.destroy();
  }
}

/**
 * The rows of a file; empty lines and comments are skipped, widths may differ.
 *
 * @throws PolyrailError `REPLY_UNREADABLE` past a cap, or when quoting is broken
 */
export function readCsv(
  source: Pieces,
  options: CsvOptions = {},
): AsyncGenerator<string[], undefined> {
  const { delimiter = ',', quote = false, comment } = options;
  const { maxColumns = defaultMaxColumns, maxLineLength = defaultMaxLineLength } = options;
  const rows = quote ? quotedRows : splitRows;
  return rows(source, { delimiter, comment, maxColumns, maxLineLength });
}
