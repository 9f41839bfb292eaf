/** simulator · mounts: for which hosts a mount stands in, and until when. */
import type { Door, Site } from '../site.ts';

export interface StandInOptions {
  /** Instead of the channel's own: `https://host`, without a path. */
  readonly origins?: readonly string[];
}

/** What stands in for a channel's own hosts, until it is stopped. The simulator goes on. */
export interface StandIn extends AsyncDisposable {
  /** Everything sent there comes to the simulator. */
  readonly origins: readonly string[];
  /** The hosts are themselves again; calling it twice changes nothing. */
  stop(): Promise<void>;
}

/** A running simulator: what `mountHttp`, `mountInProcess` and every `start…` give. */
export type Standing = Pick<Site, 'door'>;

const isOrigin = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).origin === text;

/** @throws TypeError when there is no origin, or one is no origin */
export function originsOf({ origins: own, channel }: Door, options: StandInOptions) {
  const { origins = own } = options;
  if (origins.length === 0) throw new TypeError(`${channel} names no origin to stand in for`);
  const wrong = origins.find((origin) => !isOrigin(origin));
  if (wrong !== undefined) throw new TypeError(`${wrong} is no origin such as https://host`);
  return origins;
}

/** What a mount gives back: `undo` runs once. */
export function standIn(origins: readonly string[], undo: () => Promise<void>): StandIn {
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= undo();
    return stopped;
  };
  return { origins, stop, [Symbol.asyncDispose]: stop };
}
