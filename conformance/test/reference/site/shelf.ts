/** reference site · shelf: what merchants have at acme, each by its id. */

export interface Shelf<T> {
  find(merchantId: string, id: string): T | undefined;
  put(merchantId: string, id: string, item: T): T;
  all(): readonly T[];
  /** From here on nothing of this id is taken any more. */
  kill(merchantId: string, id: string): void;
  isDead(merchantId: string, id: string): boolean;
  clear(): void;
}

const keyOf = (merchantId: string, id: string): string => `${merchantId} ${id}`;

export function createShelf<T>(): Shelf<T> {
  const items = new Map<string, T>();
  const dead = new Set<string>();
  return {
    find: (merchantId, id) => items.get(keyOf(merchantId, id)),
    put(merchantId, id, item) {
      items.set(keyOf(merchantId, id), item);
      return item;
    },
    all: () => [...items.values()],
    kill: (merchantId, id) => void dead.add(keyOf(merchantId, id)),
    isDead: (merchantId, id) => dead.has(keyOf(merchantId, id)),
    clear() {
      items.clear();
      dead.clear();
    },
  };
}
