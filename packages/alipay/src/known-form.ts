/** alipay · known form: a push whose fields stand as in one that verified before, read in one pass. */
import { isAscii } from 'node:buffer';
import { formText } from '@polyrail/kit/canonical';
import type { Fields, SignedForm } from './seal.ts';

/** What is signed of a push; what it says is read once that is verified. */
export interface KnownForm extends SignedForm {
  fields(): Fields;
}

export interface KnownForms {
  /**
   * The form as the exact reader reads it; `undefined` where that one is to judge. Nothing is refused
   * here and nothing believed: the signature is still to be checked.
   */
  read(body: Uint8Array): KnownForm | undefined;
  /** Learns the order of the fields of a form that verified; they stand in it. */
  remember(fields: Fields): void;
}

/** Each kind of push writes its fields in an order of its own, again and again. */
interface Layout {
  readonly names: readonly string[];
  /** What each field begins with: its name and `=`, or the whole of it where the value is fixed. */
  readonly heads: readonly string[];
  readonly isFixed: readonly boolean[];
  /** Where the fields stand that are signed, in the order of their names. */
  readonly signed: readonly number[];
  readonly signAt: number;
}

/** Kinds of pushes, with and without discounts and the like. */
const maxLayouts = 8;
const maxFields = 100;

/** These choose how a push is read: other values than those that verified are not for this reader. */
const fixedNames: readonly string[] = ['charset', 'sign_type'];
/** Pushes with these have rules of their own. */
const foreignNames: readonly string[] = ['msg_method', 'alipay_cert_sn'];
const outsideNames: readonly string[] = ['sign', 'sign_type'];

function layoutOf(fields: Fields): Layout | undefined {
  const names = Object.keys(fields);
  const isPlain = names.every((name) => /^[A-Za-z][A-Za-z0-9_]*$/.test(name));
  const isForeign = foreignNames.some((name) => names.includes(name));
  const signAt = names.indexOf('sign');
  if (!isPlain || isForeign || names.length > maxFields || signAt < 0) return undefined;
  if (!fixedNames.every((name) => names.includes(name))) return undefined;
  const isFixed = names.map((name) => fixedNames.includes(name));
  const signed = names.filter((name) => !outsideNames.includes(name)).sort();
  return {
    names,
    heads: names.map((name, at) => (isFixed[at] ? `${name}=${fields[name]}` : `${name}=`)),
    isFixed,
    signed: signed.map((name) => names.indexOf(name)),
    signAt,
  };
}

const isSame = (one: Layout, other: Layout): boolean =>
  one.heads.join('&') === other.heads.join('&');

/** Whether the fields are those of a layout in its order, each with a value: empty ones are not signed. */
function fits(pieces: readonly string[], { heads, isFixed }: Layout): boolean {
  if (pieces.length !== heads.length) return false;
  for (let at = 0; at < heads.length; at += 1) {
    const piece = pieces[at] as string;
    const head = heads[at] as string;
    if (!piece.startsWith(head) || (piece.length === head.length) !== isFixed[at]) return false;
  }
  return true;
}

/** A name ends at the first `=`, and no name here has an escape: what follows is the value. */
function fieldsOf(pieces: readonly string[], { names }: Layout): Fields {
  const fields: Record<string, string> = Object.create(null);
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] as string;
    fields[name] = formText((pieces[at] as string).slice(name.length + 1));
  }
  return fields;
}

/**
 * Escapes are of single bytes, and `&` and `=` of none: all signed fields are decoded at once, and each
 * reads as it does alone.
 */
function readBy(layout: Layout, pieces: readonly string[]): KnownForm {
  let escaped = '';
  for (const at of layout.signed) {
    if (escaped !== '') escaped += '&';
    escaped += pieces[at] as string;
  }
  return {
    text: formText(escaped),
    charset: 'utf-8',
    sign: formText((pieces[layout.signAt] as string).slice('sign='.length)),
    serial: undefined,
    fields: () => fieldsOf(pieces, layout),
  };
}

/** What one channel met. Of forms that did not verify nothing is remembered. */
export function createKnownForms(): KnownForms {
  let layouts: readonly Layout[] = [];
  return {
    read(body) {
      if (layouts.length === 0 || !isAscii(body)) return undefined;
      const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
      // A value with `&` in it may read like further fields.
      if (text.includes('%26')) return undefined;
      const pieces = text.split('&', maxFields + 1);
      const layout = layouts.find((one) => fits(pieces, one));
      if (layout === undefined) return undefined;
      try {
        return readBy(layout, pieces);
      } catch {
        return undefined;
      }
    },
    remember(fields) {
      const layout = layoutOf(fields);
      if (layout === undefined || layouts.some((known) => isSame(known, layout))) return;
      layouts = [layout, ...layouts].slice(0, maxLayouts);
    },
  };
}
