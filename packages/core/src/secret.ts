/** core · secret: key material and card data that prints, serializes and inspects as a mask. */

const mask = '[secret]';
const inspect = Symbol.for('nodejs.util.inspect.custom');
const reveal = Symbol.for('polyrail.secret.reveal');

/**
 * An opaque value. The brand is a string key and the content sits behind a registered symbol, so
 * two installed copies of this package understand each other's secrets.
 */
export interface Secret {
  readonly '~secret': true;
  toJSON(): string;
  toString(): string;
}

/** Wraps text or bytes. Nothing but `revealText` and `revealBytes` reads it back. */
export function secret(value: string | Uint8Array): Secret {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw new TypeError('A secret is text or bytes.');
  }
  const content = typeof value === 'string' ? value : Uint8Array.from(value);
  const made = { '~secret': true as const, toJSON: () => mask, toString: () => mask };
  const hidden = { enumerable: false, configurable: false };
  Object.defineProperty(made, reveal, { value: () => content, ...hidden });
  Object.defineProperty(made, inspect, { value: () => mask, ...hidden });
  Object.defineProperty(made, Symbol.toPrimitive, { value: () => mask, ...hidden });
  return Object.freeze(made);
}

/** True for a secret of any installed copy; not for what merely looks like one, such as JSON. */
export const isSecret = (value: unknown): value is Secret =>
  typeof value === 'object' &&
  value !== null &&
  Reflect.get(value, '~secret') === true &&
  typeof Reflect.get(value, reveal) === 'function';

function content(value: Secret): string | Uint8Array {
  const read: unknown = Reflect.get(value, reveal);
  if (typeof read !== 'function') throw new TypeError('Not a Secret: make one with secret(value).');
  return read() as string | Uint8Array;
}

/** The content as text (bytes are read as UTF-8). For the layer that signs, encrypts or sends. */
export function revealText(value: Secret): string {
  const found = content(value);
  return typeof found === 'string' ? found : new TextDecoder().decode(found);
}

/** The content as bytes (text is written as UTF-8). */
export function revealBytes(value: Secret): Uint8Array {
  const found = content(value);
  return typeof found === 'string' ? new TextEncoder().encode(found) : found.slice();
}
