/** core · redact: takes out of plain data what no log, journal or result may hold. */
import { isSecret } from './secret.ts';

const mask = '[redacted]';

/** Member names, compared without case, `_` and `-`, whose values are never shown. */
const secretNames = new Set(
  (
    'password passwd pwd secret privatekey apikey apiv3key token accesstoken refreshtoken ' +
    'authtoken appauthtoken authorization authcode cvn cvn2 cvv cvv2 securitycode expired expiry ' +
    'pin accno cardno cardnumber pan bankcardno idcard idcardno certid certifid certno identity ' +
    'identityno phoneno mobile customerinfo otp smscode'
  ).split(' '),
);

const normal = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, '');

/** First and last characters of a text with its length; short texts vanish altogether. */
export function maskText(text: string): string {
  const length = `${text.length} characters`;
  if (text.length < 8) return `*** (${length})`;
  return `${text.slice(0, 2)}***${text.slice(-2)} (${length})`;
}

/**
 * A deep copy of plain data with secrets masked: values of the usual and the given member names,
 * `Secret`s, and whatever does not survive JSON.
 */
export function redact(value: unknown, names: Iterable<string> = []): unknown {
  const extra = new Set([...names].map(normal));
  const hidden = (name: string) => secretNames.has(normal(name)) || extra.has(normal(name));
  const walk = (node: unknown, depth: number): unknown => {
    if (node === null || typeof node === 'string' || typeof node === 'boolean') return node;
    if (typeof node === 'number') return Number.isFinite(node) ? node : String(node);
    if (typeof node === 'bigint') return String(node);
    if (isSecret(node) || typeof node !== 'object' || depth > 32) return mask;
    if (Array.isArray(node)) return node.map((item) => walk(item, depth + 1));
    if (node instanceof Date) return node.toJSON();
    if (ArrayBuffer.isView(node)) return `[${node.byteLength} bytes]`;
    const copy: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(node)) {
      if (item === undefined || typeof item === 'function' || name === '__proto__') continue;
      copy[name] = hidden(name) ? mask : walk(item, depth + 1);
    }
    return copy;
  };
  return value === undefined ? undefined : walk(value, 0);
}
