/** examples · booth: a merchant's place at one more payer - its books, its doorbell, its clock. */
import type { Channel } from '@polyrail/core';
import type { Site } from '@polyrail/simulator';
import { type Books, createBooks } from './books.ts';
import { type Doorbell, openDoorbell } from './doorbell.ts';
import type { Narrator } from './narrator.ts';
import { createWatch, type Watch } from './watch.ts';

export interface Booth {
  readonly narrator: Narrator;
  readonly books: Books;
  readonly doorbell: Doorbell;
  readonly watch: Watch;
  /** Moves the payer's clock, and tells what that made it push. */
  passTime(ms: number, note: string): Promise<void>;
  /** Closes the doorbell and stops the payer. */
  close(): Promise<void>;
}

/** Notifications of `site` are opened by `channel`. */
export async function openBooth(
  narrator: Narrator,
  {
    site,
    channel,
  }: {
    readonly site: Site<unknown>;
    readonly channel: Required<Pick<Channel, 'receive' | 'acknowledge'>>;
  },
): Promise<Booth> {
  const books = createBooks();
  const doorbell = await openDoorbell(channel, books);
  const hear = async () => {
    await site.notifier.idle();
    for (const line of doorbell.takeLines()) narrator.line(line);
  };
  return {
    ...{ narrator, books, doorbell },
    watch: createWatch({ books, narrator, afterVerb: hear }),
    async passTime(ms, note) {
      narrator.line({ actor: 'world', verb: 'the clock', note });
      await site.clock.advance(ms);
      await hear();
    },
    async close() {
      await site.stop();
      await doorbell.close();
    },
  };
}
