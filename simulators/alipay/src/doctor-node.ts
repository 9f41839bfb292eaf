/** alipay simulator · doctor-node: takes a raw reply apart without parsing it. */
import type { Segment } from '@polyrail/simulator/doctor';

export interface Member {
  readonly name: string;
  /** The raw text of its value. */
  readonly raw: string;
  /** Where the member (its name) begins, and where its value begins and ends. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

const isBlank = (character: string | undefined): boolean =>
  character !== undefined && /\s/.test(character);

function afterText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

function afterValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"') {
      at = afterText(text, at) - 1;
      if (depth === 0) return at + 1;
    } else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth <= 0) return depth === 0 ? at + 1 : at;
    } else if (character === ',' && depth === 0) return at;
  }
  return text.length;
}

const maximumMembers = 200;

/** The members of an object's text in order, duplicates included; empty for anything else. */
export function membersOf(text: string): readonly Member[] {
  const members: Member[] = [];
  let at = text.search(/\S/);
  if (text[at] !== '{') return [];
  at += 1;
  while (at < text.length && members.length < maximumMembers) {
    while (isBlank(text[at]) || text[at] === ',') at += 1;
    if (text[at] !== '"') return members;
    const from = at;
    at = afterText(text, at);
    const name = text.slice(from + 1, at - 1);
    while (isBlank(text[at])) at += 1;
    if (text[at] !== ':') return members;
    at += 1;
    while (isBlank(text[at])) at += 1;
    const start = at;
    at = afterValue(text, at);
    members.push({ name, raw: text.slice(start, at), from, start, end: at });
  }
  return members;
}

/** A node's text in stretches, each named after its member. */
export function nodeSegments(text: string): readonly Segment[] {
  const members = membersOf(text);
  if (members.length === 0) return [{ parameter: 'the ciphertext or text', text }];
  const segments = members.map(({ name, from, end }, index): Segment => {
    const start = index === 0 ? 0 : (members[index - 1]?.end ?? from);
    return { parameter: name, text: text.slice(start, end) };
  });
  const rest = text.slice(members.at(-1)?.end ?? text.length);
  return rest === '' ? segments : [...segments, { parameter: 'the closing brace', text: rest }];
}
