/** core · redact: takes out of plain data what no log, journal or result may hold. */
import { isSecret } from './secret.ts';

const mask = '[redacted]';

/** Bounds of one copy: what lies beyond is masked. */
const maximumDepth = 32;
const maximumNodes = 50_000;

/** Member names, compared without case, `_` and `-`, whose values are never shown. */
const secretNames = new Set(
  (
    'password passwd pwd secret clientsecret privatekey apikey apiv3key token accesstoken ' +
    'refreshtoken authtoken appauthtoken authorization sessionkey authcode cvn cvn2 cvc cvc2 cvv ' +
    'cvv2 securitycode expired expiry pin pinblock track2 accno acctno accountno cardno cardnumber ' +
    'pan bankcardno idcard idcardno idno idnumber certid certifid certno identity identityno phone ' +
    'phoneno mobile mobileno customerinfo otp smscode'
  ).split(' '),
);

const normalized = new Map<string, string>();

/** Remembered for the names a protocol repeats, not for as many as somebody cares to invent. */
function normal(name: string): string {
  const known = normalized.get(name);
  if (known !== undefined) return known;
  const made = name.toLowerCase().replaceAll(/[_-]/g, '');
  if (normalized.size < 2000 && name.length < 64) normalized.set(name, made);
  return made;
}

/** Whether a member of this name holds what is never shown. */
export const isSecretName = (name: string): boolean => secretNames.has(normal(name));

/** First and last characters of a text with its length; short texts vanish altogether. */
export function maskText(text: string): string {
  const length = `${text.length} characters`;
  if (text.length < 8) return `*** (${length})`;
  return `${text.slice(0, 2)}***${text.slice(-2)} (${length})`;
}

/**
 * A deep copy of plain data with secrets masked: values of the usual and the given member names,
 * `Secret`s, and whatever does not survive JSON. It goes by names: a text is kept as it is, so
 * hand over parsed members, never a whole body.
 */
export function redact(value: unknown, names: Iterable<string> = []): unknown {
  const extra = new Set(Array.from(names, normal));
  const hidden = (name: string) => isSecretName(name) || extra.has(normal(name));
  let nodes = 0;
  const walk = (node: unknown, depth: number): unknown => {
    nodes += 1;
    if (node === null || typeof node === 'string' || typeof node === 'boolean') return node;
    if (typeof node === 'number') return Number.isFinite(node) ? node : String(node);
    if (typeof node === 'bigint') return String(node);
    if (isSecret(node) || typeof node !== 'object') return mask;
    if (depth > maximumDepth || nodes > maximumNodes) return mask;
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
