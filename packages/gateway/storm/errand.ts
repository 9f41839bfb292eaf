/** gateway storm · errand: for whom something is done just now, however deep in the gateway it happens. */
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Errand {
  /** Number of the payment, as soon as it is known. */
  payment?: number | undefined;
  /** A message is being taken in: whether it has reached the disk. */
  stored?: boolean;
}

const errands = new AsyncLocalStorage<Errand>();

export const onErrand = <T>(errand: Errand, work: () => T): T => errands.run(errand, work);
export const currentErrand = (): Errand | undefined => errands.getStore();
