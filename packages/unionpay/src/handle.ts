/** unionpay · handle: what a reference must carry beside its ids, as an opaque versioned string. */
import { maxHandleLength, type Noun, PolyrailError, type Ref } from '@polyrail/core';
import { type Product, products } from './transactions.ts';

const version = 'u1';

/** Of a payment or a hold. */
export interface OrderHandle {
  readonly product: Product;
  /** `payTimeout`: until then the payer may go on trying. */
  readonly payTimeout?: string | undefined;
  /** Set while a code was asked for and the order itself was not: what it will need. */
  readonly awaiting?:
    | {
        readonly token?: string | undefined;
        readonly notifyUrl?: string | undefined;
        readonly attachment?: string | undefined;
        readonly description?: string | undefined;
      }
    | undefined;
}

const refuse = (noun: Noun): PolyrailError =>
  new PolyrailError(
    'REQUEST_INVALID',
    `handle must be the one this adapter gave with the ${noun}: pass its reference unchanged`,
    { field: 'handle' },
  );

const written = (members: Readonly<Record<string, string | undefined>>): string =>
  [
    version,
    ...Object.entries(members).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
    ),
  ].join('|');

function readMembers(ref: Ref<Noun>): Readonly<Record<string, string>> | undefined {
  if (ref.handle === undefined) return undefined;
  const [head, ...parts] = ref.handle.split('|');
  if (head !== version) throw refuse(ref.noun);
  try {
    const pairs = parts.map((part) => {
      const [, name = '', value = ''] = /^([a-z])=(.*)$/.exec(part) ?? [];
      if (name === '') throw refuse(ref.noun);
      return [name, decodeURIComponent(value)] as const;
    });
    return Object.fromEntries(pairs);
  } catch {
    throw refuse(ref.noun);
  }
}

const names = { token: 'k', notifyUrl: 'n', attachment: 'a', description: 'd' } as const;

/** @throws PolyrailError `REQUEST_INVALID` for an attachment that a reference cannot carry */
export function orderHandle({ product, payTimeout, awaiting }: OrderHandle): string {
  const text = written({
    p: product,
    t: payTimeout,
    w: awaiting === undefined ? undefined : '1',
    k: awaiting?.token,
    n: awaiting?.notifyUrl,
    a: awaiting?.attachment,
    d: awaiting?.description,
  });
  if (text.length <= maxHandleLength) return text;
  const message = 'attachment is too long for an order that waits for a code';
  throw new PolyrailError('REQUEST_INVALID', message, { field: 'attachment' });
}

const isProduct = (text: string | undefined): text is Product =>
  text !== undefined && Object.hasOwn(products, text);

/** `undefined` for a reference that the merchant made by hand. */
export function readOrderHandle(
  ref: Ref<'payment' | 'authorization'> | Ref<Noun>,
): OrderHandle | undefined {
  const members = readMembers(ref);
  if (members === undefined) return undefined;
  const { p: product, t: payTimeout, w } = members;
  if (!isProduct(product)) throw refuse(ref.noun);
  if (payTimeout !== undefined && !/^\d{14}$/.test(payTimeout)) throw refuse(ref.noun);
  const [token, notifyUrl, attachment, description] = [
    members[names.token],
    members[names.notifyUrl],
    members[names.attachment],
    members[names.description],
  ];
  if (token !== undefined && !/^\d{12,19}$/.test(token)) throw refuse(ref.noun);
  const awaiting = w === undefined ? undefined : { token, notifyUrl, attachment, description };
  return { product, payTimeout, awaiting };
}

/** How a cancellation came about; a reversal has no number of its own. */
export type UndoKind = 'cancel' | 'reversal';

/** Of an undoing: which kind, and of which product. */
export const undoHandle = (kind: UndoKind, product: Product | undefined): string =>
  written({ u: kind, p: product });

export function readUndoHandle(
  ref: Ref<'cancellation'>,
): { readonly kind: UndoKind; readonly product: Product | undefined } | undefined {
  const members = readMembers(ref);
  if (members === undefined) return undefined;
  const { u: kind, p: product } = members;
  if (kind !== 'cancel' && kind !== 'reversal') throw refuse('cancellation');
  if (product !== undefined && !isProduct(product)) throw refuse('cancellation');
  return { kind, product };
}
