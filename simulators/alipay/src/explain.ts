/** alipay simulator · explain: which usual mistake accounts for a signature that does not verify. */
import { type Charset, encodeText } from './charset.ts';
import type { Envelope } from './envelope.ts';
import type { Merchant } from './merchants.ts';
import { canonicalText, isSignType, requestText, type SignType, verifies } from './seal.ts';

interface Explanation {
  readonly why: string;
  readonly text: string;
  readonly signType?: SignType;
  readonly charset?: Charset;
}

/** What a client gets that parses `biz_content` and writes it again before signing. */
function rewritten(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Mistakes clients make, each with the text it makes them sign. */
function explanations({ parameters, charset }: Envelope, signType: SignType): Explanation[] {
  const names = Object.keys(parameters).filter((name) => name !== 'sign');
  const filled = names.filter((name) => parameters[name] !== '').sort();
  const join = (kept: readonly string[], write = (text: string) => text) =>
    kept.map((name) => `${name}=${write(parameters[name] ?? '')}`).join('&');
  const other = signType === 'RSA2' ? 'RSA' : 'RSA2';
  const expected = requestText(parameters);
  const { biz_content: content = '' } = parameters;
  const again = { ...parameters, biz_content: rewritten(content) };
  return [
    { why: 'sign_type was left out', text: canonicalText(parameters, ['sign', 'sign_type']) },
    { why: 'empty values were kept', text: join([...names].sort()) },
    { why: 'names were not sorted', text: join(names) },
    { why: 'values were URL-encoded before signing', text: join(filled, encodeURIComponent) },
    { why: 'biz_content was left out', text: canonicalText(parameters, ['sign', 'biz_content']) },
    { why: 'biz_content was written anew before signing', text: requestText(again) },
    { why: `it was made as ${other}, not ${signType}`, text: expected, signType: other },
    {
      why: `text was not encoded in ${charset}`,
      text: expected,
      charset: charset === 'gbk' ? 'utf-8' : 'gbk',
    },
  ];
}

/** Where two texts part, with a little of either. */
function parting(expected: string, signed: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === signed[at]) at += 1;
  const near = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 12), at + 12));
  return `they part at character ${at + 1}: expected ${near(expected)}, signed ${near(signed)}`;
}

/** For the journal, never for the reply. */
export function explainSignature(envelope: Envelope, merchant: Merchant): string {
  const { sign = '', sign_type: wanted = '' } = envelope.parameters;
  const signType: SignType = isSignType(wanted) ? wanted : 'RSA2';
  const found = explanations(envelope, signType).find((candidate) => {
    const bytes = encodeText(candidate.text, candidate.charset ?? envelope.charset);
    const how = { signType: candidate.signType ?? signType, key: merchant.publicKey };
    return verifies(how, bytes, sign);
  });
  if (found === undefined) {
    return 'no usual mistake explains the signature: another key, or altered on the way';
  }
  const expected = requestText(envelope.parameters);
  const where = found.text === expected ? '' : `; ${parting(expected, found.text)}`;
  return `the signature fits if ${found.why}${where}; then the text is: ${found.text}`;
}
