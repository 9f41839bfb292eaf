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

const privateKey =
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;
/** Thirteen to nineteen digits, also in groups, that begin as cards of the large schemes do. */
const cardLike = /(?<![A-Za-z0-9])(?:[3-69]|2[2-7])(?:[ -]?\d){11,18}(?![A-Za-z0-9])/g;
const pair = /(^|[?&{;\s])([A-Za-z0-9_-]{1,64})=([^&;}\s"]+)/g;
const keyWords = 'PRIVATE KEY';
/** Thirteen digits, also in groups, from where a run of them begins. */
const manyDigits = /(?<!\d[ -]?)(?:\d[ -]?){12}\d/;

/** Made once: an expression within a function is an object more for every text it looks at. */
const beginsJson = /^[\s{[]/;

/** Whether a text is worth a closer look. Every text of every result is asked: the cheap come first. */
function isSuspicious(text: string): boolean {
  if (beginsJson.test(text) || text.includes('=')) return true;
  return text.length >= 13 && (manyDigits.test(text) || text.includes(keyWords));
}

/** Whether digits end in the check digit of Luhn's formula (ISO/IEC 7812-1, annex B). */
export function passesLuhn(digits: string): boolean {
  if (!/^\d+$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = Number(digits[digits.length - 1 - at]);
    const counted = at % 2 === 0 ? digit : digit * 2;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return sum % 10 === 0;
}

/** The check digit spares most order numbers. */
function isCardNumber(text: string): boolean {
  const digits = text.replaceAll(/[ -]/g, '');
  return digits.length >= 13 && digits.length <= 19 && passesLuhn(digits);
}

const redactCards = (text: string): string =>
  text.replaceAll(cardLike, (digits) => (isCardNumber(digits) ? mask : digits));

/** The smallest number of thirteen digits. */
const shortestCard = 1e12;

/** A number that JSON can tell, or a text: adding zero takes the sign off a negative zero. */
function redactNumber(value: number | bigint): number | string {
  if (typeof value === 'number' && Math.abs(value) < shortestCard) return value + 0;
  const text = redactCards(String(value));
  return typeof value === 'number' && Number.isFinite(value) && text !== mask ? value + 0 : text;
}

/** JSON in a text, read; `undefined` for what is none. */
function parsed(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** JSON with something masked in it; `undefined` when nothing is. Too deep to be written: masked. */
function redactJson(inside: object, walk: (node: unknown) => unknown): string | undefined {
  try {
    const told = JSON.stringify(walk(inside));
    return told === JSON.stringify(inside) ? undefined : told;
  } catch {
    return mask;
  }
}

/** A text without private keys, card numbers, and named secrets of the JSON or form it may be. */
function redactText(
  text: string,
  hidden: (name: string) => boolean,
  walk: (node: unknown) => unknown,
): string {
  const inside = parsed(text);
  const told = inside === undefined ? undefined : redactJson(inside, walk);
  if (told !== undefined) return told;
  const keyless = text.includes(keyWords) ? text.replaceAll(privateKey, mask) : text;
  const shown = redactCards(keyless);
  if (!shown.includes('=')) return shown;
  return shown.replaceAll(pair, (whole, before: string, name: string) =>
    hidden(name) ? `${before}${name}=${mask}` : whole,
  );
}

export type Redactor = (value: unknown) => unknown;
type Copy = Record<string | symbol, unknown>;

/** Remembered for one list of names: the same few stand in every line of a statement. */
function hiddenNames(names: Iterable<string>): (name: string) => boolean {
  const extra = new Set(Array.from(names, normal));
  const known = new Map<string, boolean>();
  return (name) => {
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const answer = isSecretName(name) || extra.has(normal(name));
    if (known.size < 2000 && name.length < 64) known.set(name, answer);
    return answer;
  };
}

/** `finish` has the last word on every object and array of the copy, the innermost first. */
function createRedactor(names: Iterable<string>, finish: <T>(node: T) => T): Redactor {
  const hidden = hiddenNames(names);
  let nodes = 0;
  const tell = (name: string, item: unknown, depth: number): unknown =>
    hidden(name) ? mask : walk(item, depth + 1);
  const isTold = (name: string, item: unknown): boolean =>
    item !== undefined && typeof item !== 'function' && name !== '__proto__';
  /** What has no prototype is a table: cheap to walk, dear to copy at once. */
  const copyOfTable = (node: Record<string, unknown>, depth: number): Copy => {
    const copy: Copy = {};
    for (const name of Object.keys(node)) {
      const item = node[name];
      if (isTold(name, item)) copy[name] = tell(name, item, depth);
    }
    return finish(copy);
  };
  /** Of other objects a copy is made at once; member by member it would be slow, also to freeze. */
  const copyOf = (node: object, depth: number): Copy => {
    const copy: Copy = { ...node };
    for (const name of Object.keys(copy)) {
      const item = copy[name];
      if (!isTold(name, item)) {
        delete copy[name];
        continue;
      }
      const told = tell(name, item, depth);
      if (!Object.is(told, item)) copy[name] = told;
    }
    const symbols = Object.getOwnPropertySymbols(copy);
    if (symbols.length > 0) for (const symbol of symbols) delete copy[symbol];
    return finish(copy);
  };
  const walk = (node: unknown, depth: number): unknown => {
    nodes += 1;
    if (node === null || typeof node === 'boolean') return node;
    if (typeof node === 'number' || typeof node === 'bigint') return redactNumber(node);
    if (depth > maximumDepth || nodes > maximumNodes) return mask;
    if (typeof node === 'string') {
      if (!isSuspicious(node)) return node;
      return redactText(node, hidden, (item) => walk(item, depth + 1));
    }
    if (isSecret(node) || typeof node !== 'object') return mask;
    if (Array.isArray(node)) return finish(Array.from(node, (item) => walk(item, depth + 1)));
    if (node instanceof Date) return node.toJSON();
    if (ArrayBuffer.isView(node)) return `[${node.byteLength} bytes]`;
    if (Object.getPrototypeOf(node) === null) return copyOfTable(node as Copy, depth);
    return copyOf(node, depth);
  };
  return (value) => {
    nodes = 0;
    return value === undefined ? undefined : walk(value, 0);
  };
}

/**
 * A deep copy of plain data with secrets masked: values of the usual and the given member names,
 * `Secret`s, private keys, card numbers, and whatever does not survive JSON. Texts that are JSON or
 * forms are looked into. A secret under an innocent name is not found: hand over parsed members.
 */
export const redact = (value: unknown, names: Iterable<string> = []): unknown =>
  createRedactor(names, (node) => node)(value);

const redactors = new WeakMap<readonly string[], Redactor>();
const usual = createRedactor([], Object.freeze);

/** An adapter's redactor, whose copies are frozen. Its list of secret fields is one for its whole life. */
export function redactorOf(secretFields: readonly string[] | undefined): Redactor {
  if (secretFields === undefined) return usual;
  const known = redactors.get(secretFields);
  if (known !== undefined) return known;
  const made = createRedactor(secretFields, Object.freeze);
  redactors.set(secretFields, made);
  return made;
}
