/** simulator · doctor difference: where two texts part, shown without anything secret. */
import { type Charset, decodeText, encodeText } from '../charset.ts';
import { createScrubber } from '../scrub.ts';

/** A stretch of a signed text and the parameter (or line) it comes from. */
export interface Segment {
  readonly parameter: string;
  readonly text: string;
}

/** A text as it was, or should have been, signed. */
export interface SignedText {
  readonly segments: readonly Segment[];
  readonly charset: Charset;
}

/** One side of a difference: the bytes from the place on, and the text around it. */
export interface Side {
  /** Up to eight bytes, beginning at the difference; empty where the text has ended. */
  readonly hex: string;
  /** About twenty bytes before the place, then `⟦` and what follows it. */
  readonly text: string;
}

export interface FirstDifference {
  /** Counted in bytes, from 0. */
  readonly offset: number;
  /** The parameter, line or part the byte belongs to. */
  readonly parameter: string;
  readonly expected: Side;
  readonly received: Side;
}

/** What must not be shown: values, and what a journal masks by its name. */
export interface Secrets {
  readonly values: readonly string[];
  scrub(text: string): string;
}

/** Where nothing that is shown came from anybody. */
export const noSecrets: Secrets = { values: [], scrub: (text) => text };

const mask = '[redacted]';
const maximumSecrets = 100;

interface Collecting {
  readonly found: Set<string>;
  isSecret(name: string): boolean;
}

function collectSecrets(name: string, value: unknown, at: Collecting): void {
  if (at.found.size >= maximumSecrets) return;
  if (typeof value === 'object' && value !== null) {
    for (const [inner, item] of Object.entries(value)) collectSecrets(inner, item, at);
    return;
  }
  const text = String(value);
  if (at.isSecret(name) && text.length >= 4) {
    at.found.add(text);
    return;
  }
  if (!/^\s*[{[]/.test(text)) return;
  try {
    collectSecrets(name, JSON.parse(text), at);
  } catch {
    // No JSON: nothing is named in it.
  }
}

/**
 * A function that gives the secret values among named ones, also inside JSON, and `more`; `names`
 * are those the channel's journal masks beside the usual ones.
 */
export function secretFinder(names: readonly string[]) {
  const scrubber = createScrubber(names);
  const scrub = (text: string): string => scrubber(text) as string;
  const isSecret = (name: string): boolean => {
    const probe = scrubber({ [name]: 'x' }) as Record<string, unknown>;
    return probe[name] === mask;
  };
  return (
    values: Iterable<readonly [name: string, value: string]>,
    more: readonly string[] = [],
  ): Secrets => {
    const found = new Set(more);
    for (const [name, value] of values) collectSecrets(name, value, { found, isSecret });
    return { values: [...found], scrub };
  };
}

/** Secrets overwritten by as many stars: every byte stays where it was. */
function starred(bytes: Uint8Array, { values }: Secrets, charset: Charset): Buffer {
  const copy = Buffer.from(bytes);
  for (const secret of values) {
    const wanted = encodeText(secret, charset);
    let at = wanted.length === 0 ? -1 : copy.indexOf(wanted);
    while (at >= 0) {
      copy.fill('*', at, at + wanted.length);
      at = copy.indexOf(wanted, at + wanted.length);
    }
  }
  return copy;
}

/** A text to be shown: secrets masked as in the journal. */
export function shown(text: string, { values, scrub }: Secrets): string {
  return scrub(values.reduce((kept, secret) => kept.replaceAll(secret, mask), text));
}

export const textOf = ({ segments }: SignedText): string =>
  segments.map(({ text }) => text).join('');
export const bytesOf = (signed: SignedText): Uint8Array =>
  encodeText(textOf(signed), signed.charset);

/** The parameter at an offset; past the end, nothing. */
function parameterAt({ segments, charset }: SignedText, offset: number): string | undefined {
  let end = 0;
  for (const { parameter, text } of segments) {
    end += encodeText(text, charset).length;
    if (offset < end) return parameter;
  }
  return undefined;
}

const around = 20;

function side(bytes: Buffer, offset: number, charset: Charset): Side {
  const tidy = (part: Uint8Array) =>
    decodeText(part, charset).replaceAll(/^\u{fffd}+|\u{fffd}+$/gu, '');
  const before = tidy(bytes.subarray(Math.max(0, offset - around), offset));
  const after = tidy(bytes.subarray(offset, offset + around));
  const hex = bytes.subarray(offset, offset + 8).toString('hex');
  return { hex, text: `${before}⟦${after}` };
}

/** The first byte at which two texts part; `undefined` when they are the same. */
export function firstDifference(
  expected: SignedText,
  received: SignedText,
  secrets: Secrets,
): FirstDifference | undefined {
  const [left, right] = [bytesOf(expected), bytesOf(received)];
  let offset = 0;
  while (offset < left.length && left[offset] === right[offset]) offset += 1;
  if (offset === left.length && offset === right.length) return undefined;
  const parameter = parameterAt(expected, offset) ?? parameterAt(received, offset) ?? 'the end';
  const show = (bytes: Uint8Array, charset: Charset) =>
    side(starred(bytes, secrets, charset), offset, charset);
  return {
    offset,
    parameter,
    expected: show(left, expected.charset),
    received: show(right, received.charset),
  };
}
