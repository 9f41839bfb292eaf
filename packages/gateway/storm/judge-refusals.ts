/**
 * gateway storm · judge of refusals: what nobody can know - taken by a channel that had signed that it refused it,
 * never spoken of, and not to be asked about yet, or denied once more.
 */
import type { Books } from './books.ts';
import type { ChannelName } from './deeds.ts';
import type { StoreRecord, View } from './record.ts';
import type { Script } from './script.ts';

type Refused = Pick<Script, 'refused' | 'faults'> | undefined;

/** Stories in which a channel denies what it knows for longer than it says it may. */
const denials: ReadonlySet<string> = new Set([
  'trade-not-exist-lag',
  'order-not-exist-lag',
  'query-lag',
]);

/** Whether its channel denies, when it is asked, what it knows. */
export const isDenied = (script: Refused): boolean =>
  script?.faults.some(({ fault }) => denials.has(fault)) === true;

/** Whether its channel has said of this entry, at first, that it refuses it. */
export const isRefused = (script: Refused, { id }: Pick<View, 'id'>): boolean =>
  script?.refused.includes(id) === true;

const finalStates: ReadonlySet<string> = new Set(['succeeded', 'late-success', 'failed']);
const liveFates: ReadonlySet<string> = new Set(['prepared', 'unknown', 'pending']);

/** What of a noun the channels know under an id. */
const entriesOf: Readonly<
  Record<string, (books: Books, channel: ChannelName, id: string) => unknown>
> = {
  payment: (books, channel, id) => books.truth(channel, id),
  payout: (books, channel, id) => books.payout(channel, id),
  authorization: (books, channel, id) => books.hold(channel, id),
};

/** Whether a channel has taken what it refused, and is yet to be asked, or yet to be done with what is over. */
export const isUnheard = (
  { noun, state, attempts }: View,
  { books, script }: { readonly books: Books; readonly script: Refused },
): boolean =>
  finalStates.has(state) &&
  !isDenied(script) &&
  attempts.some(
    ({ channel, attemptId, fate }) =>
      liveFates.has(fate) ||
      (fate === 'refused' &&
        entriesOf[noun]?.(books, channel as ChannelName, attemptId) !== undefined),
  );

/** The attempts of which anybody can know. */
export function known(
  view: View,
  script: Refused,
  { messages }: Pick<StoreRecord, 'messages'>,
): View['attempts'] {
  const { noun, state, attempts } = view;
  if (!isRefused(script, view)) return attempts;
  // Of what is over those that had refused it are asked, and say that they know it: it is found, or under way still.
  const isAsked = finalStates.has(state) && !isDenied(script);
  if (isAsked) return attempts.filter(({ fate }) => !liveFates.has(fate));
  const isHeardOf = (id: string) =>
    [...messages.values()].some((said) => said.some((one) => one.noun === noun && one.id === id));
  return attempts.filter(({ attemptId, fate }) => fate !== 'refused' || isHeardOf(attemptId));
}

/** Whether something that belongs to an entry failed here by such a word, and its channel denies it when it is asked. */
export const isBehind = (
  script: Script,
  views: readonly View[],
  noun: 'refund' | 'payment',
): boolean =>
  isDenied(script) &&
  views.some((view) => view.noun === noun && view.state === 'failed' && isRefused(script, view));
