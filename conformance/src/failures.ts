/** conformance · failures: the ways a call can be spoilt from outside, one list for several laws. */
import { cutAt, edited, type Intervention, interventions } from './spy.ts';
import type { Client, Stage } from './stage.ts';

/** A way to spoil the next call. */
export interface Failure {
  readonly what: string;
  /** Prepares it; false where the site does not know it. */
  arrange(client: Client): boolean;
}

const onTheWire: Readonly<Record<string, Intervention>> = {
  'a refused connection': interventions.refuse,
  'a lost request': interventions.dropRequest,
  'a lost reply': interventions.dropReply,
  'a reply that breaks off': cutAt(20),
  'a server error': edited(() => ({ status: 500 })),
  'a web page': edited(() => ({ body: new TextEncoder().encode('<h1>502 Bad Gateway</h1>') })),
  'an empty body': edited(() => ({ body: new Uint8Array() })),
  'headers gone': edited(() => ({ headers: {} })),
};

/** Faults of the site that answer in words of the channel's own. */
const atTheSite = [
  'server-error',
  'garbage-body',
  'bad-signature',
  'rate-limit',
  'maintenance',
] as const;

/** Every failure this site can have. Clear the site's faults after each call. */
export const failuresOf = ({ site }: Stage): readonly Failure[] => [
  ...Object.entries(onTheWire).map(([what, intervention]) => ({
    what,
    arrange({ spy }: Client) {
      spy.plan(intervention, { times: 3 });
      return true;
    },
  })),
  ...atTheSite.map((fault) => ({
    what: fault,
    arrange() {
      try {
        site.faults.arm({ fault });
        return true;
      } catch {
        return false;
      }
    },
  })),
];
