/** kit · tests: the error a call ends with, or a failure of the test. */
import { isPolyrailError, type PolyrailError } from '@polyrail/core';

const expectPolyrail = (error: unknown): PolyrailError => {
  if (isPolyrailError(error)) return error;
  throw new Error('not a PolyrailError', { cause: error });
};

export async function rejection(promise: Promise<unknown>): Promise<PolyrailError> {
  try {
    await promise;
  } catch (error) {
    return expectPolyrail(error);
  }
  throw new Error('nothing was thrown');
}

export function thrown(call: () => unknown): PolyrailError {
  try {
    call();
  } catch (error) {
    return expectPolyrail(error);
  }
  throw new Error('nothing was thrown');
}
