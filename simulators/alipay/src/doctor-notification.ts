/** alipay simulator · doctor-notification: why a client does not believe a notification. */
import { type Charset, charsetOf, decodeText } from '@polyrail/simulator';
import {
  beliefBytes,
  type Cause,
  type ClientBelief,
  type Explanation,
  openSignature,
  type Pair,
  type PairsDraft,
} from '@polyrail/simulator/doctor';
import { formCauses } from './doctor-causes.ts';
import type { FormContext } from './doctor-form.ts';
import { keyBelief } from './doctor-reply.ts';
import { explainForm, formContext } from './doctor-request.ts';
import { platformHolders } from './doctor-witness.ts';
import { formPairs } from './envelope.ts';
import type { Room } from './room.ts';

type Words = Pick<Cause<PairsDraft>, 'rule' | 'advice'> & { readonly id?: string };

const once = 'Decode the form once, in its charset, and take the values as they come.';

/** The same mistakes as with requests, in the words of somebody who verifies. */
const words: Readonly<Record<string, Words>> = {
  'sign-type': {
    rule: 'sign_type was left out, but this message is signed with it',
    advice: 'Messages with msg_method are signed with sign_type; notifications without.',
  },
  order: {
    rule: 'The parameters were put in another order',
    advice: 'Sort by name, byte by byte, whatever order they came in.',
  },
  'plus-and-blank': { rule: 'Blank and + were taken for each other', advice: once },
  encoded: { rule: 'The values were verified percent-encoded', advice: once },
  'encoded-twice': { id: 'decoded-twice', rule: 'Values were percent-decoded twice', advice: once },
  'html-escaped': {
    rule: 'Values were HTML-escaped before they were verified',
    advice: 'A framework or a filter against XSS escapes: read the raw body instead.',
  },
  'html-escaped-sent': {
    rule: 'The message here holds HTML entities that were not signed',
    advice: 'A framework or a filter against XSS escapes: read the raw body instead.',
  },
  charset: {
    rule: 'The form was read or written in another character set',
    advice: 'Decode it in the charset it names, and verify the bytes of that charset.',
  },
  'empty-kept': {
    rule: 'Empty parameters were verified with the others',
    advice: 'Leave out what is empty, and what the message does not hold.',
  },
  'sign-included': {
    rule: 'sign itself was verified with the others',
    advice: 'Leave out sign and sign_type.',
  },
  dropped: {
    rule: 'A parameter of the message was left out',
    advice: 'Verify every parameter that came, also those your program does not know.',
  },
  'json-rewritten': {
    rule: 'JSON in a value was parsed and written anew',
    advice: 'Leave fund_bill_list and the like as the texts they are until it is verified.',
  },
  changed: {
    rule: 'A value is not the one that was signed',
    advice: 'Do not trim, convert or translate values before they are verified.',
  },
  'line-breaks': { rule: 'Line ends in a value were changed', advice: once },
  'unicode-normalized': { rule: 'Composed characters were changed', advice: once },
  names: {
    rule: 'The parameters were verified under other names',
    advice: 'Keep the names as they came; convert them to your style afterwards.',
  },
};

const forRequestsOnly = ['signed-before-encrypting', 'encrypted-only-for-signing'];

export const notificationCauses: readonly Cause<PairsDraft, FormContext>[] = formCauses
  .filter(({ id }) => !forRequestsOnly.includes(id))
  .map((cause) => ({ ...cause, ...words[cause.id] }));

export interface NotificationMessage {
  /** The raw form. */
  readonly body: Uint8Array;
  /** Where it was sent; its own query is no part of it. */
  readonly url?: string;
}

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function pairsIn(raw: string, charset: Charset): readonly Pair[] {
  const known = new Map<string, Pair>();
  for (const [name, bytes] of formPairs(raw)) {
    const before = known.get(name);
    if (before !== undefined && before.value !== '') continue;
    known.set(name, { name, bytes, value: decodeText(bytes, charset), place: 'body' });
  }
  return [...known.values()];
}

interface Options {
  readonly belief?: ClientBelief;
  readonly causes?: readonly Cause<PairsDraft, FormContext>[];
}

/** Why a raw notification does not verify, or what a client did wrong with it. */
export async function explainNotification(
  { body, url = '' }: NotificationMessage,
  room: Room,
  { belief = {}, causes = notificationCauses }: Options = {},
): Promise<Explanation> {
  const raw = latin(body).trim();
  const label = pairsIn(raw, 'utf-8').find(({ name }) => name === 'charset')?.value ?? '';
  const charset = charsetOf(label) ?? 'utf-8';
  const pairs = pairsIn(raw, charset);
  const value = (wanted: string) => pairs.find(({ name }) => name === wanted)?.value ?? '';
  const holders = await platformHolders(room);
  const [opened] = openSignature(value('sign'), holders);
  const signer = opened?.holder.role === 'expected' ? opened.holder : holders[0];
  const merchant = room.merchants.find(({ appId }) => appId === value('app_id'));
  const ownPairs = pairsIn(url.split('?')[1]?.replace(/#.*$/s, '') ?? '', charset);
  const text = beliefBytes({ charset, ...belief });
  return explainForm({
    kind: 'notification',
    pairs,
    charset,
    // Quirk: what the message service sends is signed with sign_type, everything else without.
    omitted: value('msg_method') === '' ? ['sign', 'sign_type'] : ['sign'],
    context: formContext({ room, merchant, charset, kind: 'notification', ownPairs }),
    holders,
    causes,
    belief: text === undefined ? {} : { text },
    known: await keyBelief(room, belief.key, signer),
  });
}
