/**
 * simulator · transport-errors: the ends an exchange may have, in the words of core's `Transport`.
 */
import { PolyrailError } from '@polyrail/core';

/** What a reply body may hold where the caller sets no cap. */
export const defaultMaxBodyBytes = 4 * 1024 * 1024;

export const notSent = (why: string): PolyrailError =>
  new PolyrailError('NOT_SENT', `Nothing was sent: ${why}.`);

export const noReply = (why: string): PolyrailError =>
  new PolyrailError('UNAVAILABLE', `No reply: ${why}.`, { doubt: 'no-reply' });

export const tooLong = (maxBytes: number): PolyrailError =>
  new PolyrailError('REPLY_UNREADABLE', `The reply is longer than ${maxBytes} bytes.`, {
    doubt: 'unreadable-reply',
  });

export const abortedBefore = (): PolyrailError =>
  new PolyrailError('ABORTED', 'Aborted before anything was sent.');
