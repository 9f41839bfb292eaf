/** kit · question: asking the channel something before or after the call that moves. */
import { type Call, isPolyrailError, PolyrailError } from '@polyrail/core';

/**
 * Asks a second question about a first call. A refusal of the question is no refusal of the call: it
 * leaves us not knowing.
 */
export async function followUp<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isPolyrailError(error) || error.code !== 'REFUSED') throw error;
    const message = 'The question what became of the call was refused';
    throw new PolyrailError('UNAVAILABLE', message, { doubt: 'server-error', cause: error });
  }
}

/**
 * A question before the call itself: what it needs to know is read first. It is no exchange that
 * moves, so that it is neither prepared for nor the point of no return.
 */
export const beforehand = <C extends Pick<Call, 'signal'>>(
  call: C,
): C & Pick<Call, 'prepared' | 'sent'> => ({
  ...call,
  prepared: async () => {},
  sent: () => {},
});
