/** conformance · hidden: whether card data can be read off what crosses the wire, however it is packed. */
import assert from 'node:assert/strict';
import { type Card, revealText, type TransportRequest } from '@polyrail/core';

/** How deep encodings are nested in a request of a channel. */
const maxDepth = 4;

const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** What somebody reads who takes off every encoding that needs no key. */
function readings(text: string, depth = 0): readonly string[] {
  if (depth === maxDepth) return [text];
  const inner = [
    ...(unescaped(text) === text ? [] : [unescaped(text)]),
    ...(text.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? []).map((piece) =>
      utf8(Buffer.from(piece, 'base64')),
    ),
    ...(text.match(/(?:[0-9a-fA-F]{2}){8,}/g) ?? []).map((piece) =>
      utf8(Buffer.from(piece, 'hex')),
    ),
  ];
  return [text, ...inner.flatMap((one) => readings(one, depth + 1))];
}

/** The members of a card that no request may show, each with how it would be recognized. */
function patternsOf(card: Card): readonly (readonly [name: string, pattern: RegExp])[] {
  const members = ['number', 'phone', 'securityCode', 'expiry'] as const;
  return members.flatMap((name) => {
    const value = card[name];
    if (value === undefined) return [];
    const digits = revealText(value).replaceAll(/\D/g, '');
    // Short ones stand alone, or behind their name.
    const exact = digits.length < 8 ? `(?:^|[=:,"'&{|])${digits}(?:$|[&,"'}|])` : digits;
    return [[name, new RegExp(exact)] as const];
  });
}

/** Refuses a request off which card data can be read without a key. The failure does not repeat it. */
export function requireCardHidden(request: TransportRequest, card: Card, where: string): void {
  const { url, headers, body = '' } = request;
  const text = typeof body === 'string' ? body : utf8(body);
  const sent = [url, ...Object.values(headers), text].flatMap((part) => readings(part));
  for (const [name, pattern] of patternsOf(card)) {
    assert.ok(!sent.some((one) => pattern.test(one)), `${where}: the card's ${name} is in clear`);
  }
}
