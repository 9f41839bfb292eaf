/** gateway storm kill · victims: gateway processes side by side, each killed and started again. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Asked, Listed, Reply, Setting } from './victim.ts';

/** How long a busy machine may take to start one, and one to tell what it holds, in ms. */
const longestStartMs = 10 * 60_000;
const longestListMs = 60_000;

export interface VictimsOptions {
  readonly count: number;
  readonly setting: Setting;
  /** A folder in which they keep what they compiled: the next one starts in half the time. */
  readonly cache: string;
  told(reply: Exclude<Reply, { kind: 'ready' | 'listed' }>): void;
  /** It is no more: what it was asked will not be answered. */
  gone(index: number): void;
  /** It ended, and nobody had killed it. */
  diedAlone(words: string): void;
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  /** It takes requests. */
  up?: true;
  doomed?: true;
}

export type Victims = ReturnType<typeof createVictims>;

/** Each is known by its index; one that is down has none of the states. */
export function createVictims(options: VictimsOptions) {
  const { count, setting, cache, told, gone, diedAlone } = options;
  const running = new Map<number, Running>();
  /** Where each listened when last heard of. */
  const ports = new Map<number, number>();
  const lists = new Map<number, (list: Listed) => void>();
  let [listings, replies] = [0, 0];

  const launch = (index: number, onReady: () => void): Running => {
    const child = fork(new URL('victim.ts', import.meta.url), {
      execArgv: ['--conditions=@polyrail/source', '--no-warnings'],
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
    });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        running.delete(index);
        if (!one.doomed) diedAlone(`process ${index} ended by itself with ${signal ?? code}`);
        gone(index);
        resolve();
      });
    });
    const one: Running = { child, exited };
    child.on('message', (reply: Reply) => {
      if (reply.kind === 'ready') {
        one.up = true;
        ports.set(index, reply.port);
        onReady();
      } else if (reply.kind === 'listed') lists.get(reply.number)?.(reply);
      else {
        replies += 1;
        told(reply);
      }
    });
    // A message to one that dies at this moment: its exit tells.
    child.on('error', () => undefined);
    child.send(setting);
    running.set(index, one);
    return one;
  };
  const kill = async (indexes: readonly number[]): Promise<void> => {
    const those = indexes.flatMap((index) => running.get(index) ?? []);
    for (const one of those) {
      one.doomed = true;
      one.child.kill('SIGKILL');
    }
    await Promise.all(those.map(({ exited }) => exited));
  };
  const isUp = (index: number): boolean => running.get(index)?.up === true;
  const all = Array.from({ length: count }, (_, index) => index);
  const send = (index: number, asked: Asked): void => {
    running.get(index)?.child.send(asked, () => undefined);
  };
  return {
    kill,
    send,
    /** Those that take requests. */
    live: (): readonly number[] => all.filter(isUp),
    /** Those that were started and do not take requests yet. */
    starting: (): readonly number[] => all.filter((index) => running.has(index) && !isUp(index)),
    /** As somebody outside knows them: what listened there may be dead by now. */
    ports: (): readonly number[] => [...ports.values()],
    /** Settles when it takes requests, or was killed before it did; rejects when it did neither. */
    start: (index: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const tooLong = () => reject(new Error(`A process did not start in ${longestStartMs} ms`));
        const timer = setTimeout(tooLong, longestStartMs);
        const over = (): void => {
          clearTimeout(timer);
          resolve();
        };
        const one = launch(index, over);
        void one.exited.then(() => {
          if (!(one.up || one.doomed)) reject(new Error(`Process ${index} did not start`));
          over();
        });
      }),
    /** How often they answered and told so far. */
    replies: () => replies,
    /** All that stands in the store, as one of them reads it. */
    list: (): Promise<Listed> =>
      new Promise((resolve, reject) => {
        const [index] = all.filter(isUp);
        if (index === undefined) return reject(new Error('No process is there to be asked'));
        listings += 1;
        const number = listings;
        const timer = setTimeout(() => reject(new Error('No list came')), longestListMs);
        lists.set(number, (list) => {
          clearTimeout(timer);
          lists.delete(number);
          resolve(list);
        });
        send(index, { kind: 'list', number });
      }),
    stop: () => kill(all),
  };
}
