/** simulator · scrub: takes secrets out of what a journal keeps, also where they hide inside text. */
import { redact } from '@polyrail/core';

const mask = '[redacted]';
const pem = /-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(?:-----END [A-Z0-9 ]+-----|$)/g;
/** `"name":"value"` and `"name":123`, also with escaped quotes, as in JSON inside JSON. */
const jsonMember = /(\\*")([A-Za-z0-9_-]{1,64})\1(\s*:\s*)(?:\1((?:(?!\1)[\s\S])*)\1|(-?[\d.]+))/g;
const pair = /(^|[?&\s])([A-Za-z0-9_-]{1,64})=([^&\s"]+)/g;
/** Beside `redact`'s: what key material is called where simulators hand it out. */
const keyNames = ['merchantPrivateKey', 'platformPrivateKey', 'privateKeyPem', 'cvn2', 'idCardNo'];
const maximumText = 20_000;

/** A function that copies plain data with secrets masked; `names` as for core's `redact`. */
export function createScrubber(names: readonly string[]): (value: unknown) => unknown {
  const all = [...keyNames, ...names];
  const known = new Map<string, boolean>();
  const hidden = (name: string): boolean => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const probe = redact({ [name]: 'x' }, all) as Record<string, unknown>;
    known.set(name, probe[name] !== 'x');
    return probe[name] !== 'x';
  };
  const scrubText = (text: string): string => {
    const short =
      text.length > maximumText
        ? `${text.slice(0, maximumText)}… (${text.length} characters)`
        : text;
    return short
      .replaceAll(pem, mask)
      .replaceAll(jsonMember, (whole, ...[quote, name, colon]: string[]) =>
        hidden(name ?? '') ? `${quote}${name}${quote}${colon}${quote}${mask}${quote}` : whole,
      )
      .replaceAll(pair, (whole, before: string, name: string) =>
        hidden(name) ? `${before}${name}=${mask}` : whole,
      );
  };
  const walk = (node: unknown): unknown => {
    if (typeof node === 'string') return scrubText(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([name, item]) => [name, walk(item)]));
  };
  return (value) => walk(redact(value, all));
}
