/**
 * clearing · hearing: how a report made within this process reaches the house, or does not - with
 * the same faults, and in the same journal, as one that comes over the wire.
 */
import { instantOf } from '@polyrail/core';
import type { Clearing, JournalEntry, Obligation, Receipt, World } from '@polyrail/simulator';

/** Recorded, but the receipt was not heard. */
const unheard = ['drop-reply', 'reset-mid-body', 'garbage-body', 'truncate-body'];
/** Not recorded. */
const unreceived = ['drop-request', 'rate-limit', 'maintenance'];

type Noted = Pick<JournalEntry, 'faults'> &
  Partial<Pick<JournalEntry, 'note' | 'reply' | 'status'>>;

/** `record`, as reporters in this process get it. */
export function createHearing(world: World, record: Clearing['record']): Clearing['record'] {
  const { clock, faults, journal } = world;
  const write = (obligation: Obligation, noted: Noted): void => {
    const at = instantOf(clock.now());
    const about = { direction: 'request', operation: 'record', id: obligation.id } as const;
    journal.add({ at, ...about, request: obligation, durationMs: 0, ...noted });
  };
  const take = (obligation: Obligation, struck: readonly string[]): Receipt | undefined => {
    try {
      const reply = record(obligation);
      const heard = struck.length === 0;
      const noted = heard ? { status: 200, reply } : { note: 'Recorded, and unheard.' };
      write(obligation, { faults: struck, ...noted });
      return heard ? reply : undefined;
    } catch (error) {
      write(obligation, { faults: struck, note: String(error) });
      throw error;
    }
  };
  /** Nobody waits for the answer any more: the journal has it, be it a refusal. */
  const takeLate = (obligation: Obligation): void => {
    try {
      take(obligation, []);
    } catch {
      // Written down.
    }
  };
  return (obligation) => {
    const subject = { operation: 'record', id: obligation.id };
    const strike = (names: readonly string[]): readonly string[] =>
      names.filter((name) => faults.take(name, subject) !== undefined);
    const delay = faults.take('delay', subject);
    if (delay !== undefined) {
      clock.schedule(delay.delayMs ?? 2_000, () => takeLate(obligation));
      write(obligation, { faults: ['delay'], note: 'On its way.' });
      return undefined;
    }
    const error = faults.take('server-error', subject);
    const failed = error === undefined ? [] : ['server-error'];
    const lost = [...strike(unreceived), ...(error?.['performed'] === true ? [] : failed)];
    if (lost.length === 0) return take(obligation, [...strike(unheard), ...failed]);
    write(obligation, { faults: lost, note: 'Not recorded.' });
    return undefined;
  };
}
