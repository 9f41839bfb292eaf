/**
 * gateway storm · judge of refusals: what nobody can know - taken by a channel that had signed that it refused it,
 * never asked for again, and never spoken of.
 */
import type { StoreRecord, View } from './record.ts';
import type { Script } from './script.ts';

type Refused = Pick<Script, 'refused'> | undefined;

/** Whether its channel has said of this entry, at first, that it refuses it. */
export const isRefused = (script: Refused, { id }: Pick<View, 'id'>): boolean =>
  script?.refused.includes(id) === true;

/** The attempts of which anybody can know. */
export function known(
  view: View,
  script: Refused,
  { messages }: Pick<StoreRecord, 'messages'>,
): View['attempts'] {
  const { noun, attempts } = view;
  if (!isRefused(script, view)) return attempts;
  const isHeardOf = (id: string) =>
    [...messages.values()].some((said) => said.some((one) => one.noun === noun && one.id === id));
  return attempts.filter(({ attemptId, fate }) => fate !== 'refused' || isHeardOf(attemptId));
}

/** Whether something that belongs to an entry failed here by such a word: the channel did more than is known. */
export const isBehind = (
  script: Refused,
  views: readonly View[],
  noun: 'refund' | 'payment',
): boolean =>
  views.some((view) => view.noun === noun && view.state === 'failed' && isRefused(script, view));
