/**
 * gateway · postgres gathering: what is ready at one moment, or comes while the database is at work on others, is
 * sent as one statement: the busier it is, the more share one, and one flush of its log.
 */

/** So much is sent in one statement at most. */
const mostTogether = 32;

export interface GatheringOptions<Item, Result> {
  /** Sends one statement. What came of each item, in their order. */
  send(items: readonly Item[]): Promise<readonly Result[]>;
  /** Names that no two items of one statement may share. */
  namesOf?(item: Item): readonly string[];
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly names: readonly string[];
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Takes from the queue what may go together: whatever shares a name waits for what came before it. */
function gather<One extends { readonly names: readonly string[] }>(queue: One[]): readonly One[] {
  const taken = new Set<string>();
  const gathered: One[] = [];
  const left: One[] = [];
  for (const one of queue) {
    const isFree = gathered.length < mostTogether && !one.names.some((name) => taken.has(name));
    (isFree ? gathered : left).push(one);
    for (const name of one.names) taken.add(name);
  }
  queue.splice(0, queue.length, ...left);
  return gathered;
}

/** Whether the database itself has said that it undid the statement: a lost connection proves nothing. */
const isUndone = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && typeof Reflect.get(error, 'severity') === 'string';

export function createGathering<Item, Result>({
  send,
  namesOf = () => [],
}: GatheringOptions<Item, Result>): (item: Item) => Promise<Result> {
  const queue: Waiting<Item, Result>[] = [];
  let isBusy = false;
  const sendAll = async (gathered: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await send(gathered.map(({ item }) => item));
      for (const [index, one] of gathered.entries()) one.resolve(results[index] as Result);
    } catch (error) {
      if (gathered.length === 1 || !isUndone(error)) {
        for (const one of gathered) one.reject(error);
        return;
      }
      // One of them failed for all: halves tell which.
      const half = Math.ceil(gathered.length / 2);
      await sendAll(gathered.slice(0, half));
      await sendAll(gathered.slice(half));
    }
  };
  const next = (): void => {
    if (isBusy || queue.length === 0) return;
    isBusy = true;
    void sendAll(gather(queue)).then(() => {
      isBusy = false;
      next();
    });
  };
  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, names: namesOf(item), resolve, reject });
      // Those that are ready at this moment go together.
      if (queue.length === 1) setImmediate(next);
    });
}
