/** clearing · register: who has joined, with which settlement account and how much on it. */
import { type Joining, problem } from '@polyrail/simulator';

export interface Participant {
  readonly name: string;
  readonly kind: Joining['kind'];
  /** Its settlement account at the central bank. */
  readonly account: string;
  /** Minor units of reserves it began with. */
  readonly openingReserves: number;
}

export interface RegisterOptions {
  /** Minor units of reserves of whoever brings no number of its own. Default 10 000 000 000.00. */
  readonly openingReserves?: number;
  /** The same for single participants, by name: goes before what they bring themselves. */
  readonly reserves?: Readonly<Record<string, number>>;
}

export interface Register {
  all(): readonly Participant[];
  /** @throws a steering problem for a name nobody has. */
  require(name: string, field?: string): Participant;
  /** @throws a steering problem for a name or an account that is taken, or malformed. */
  admit(joining: Joining): Participant;
}

const usualReserves = 1_000_000_000_000;
const namePattern = /^[a-z][a-z0-9-]{0,63}$/;
const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

export function createRegister(options: RegisterOptions): Register {
  const { openingReserves: usual = usualReserves, reserves: byName = {} } = options;
  const members = new Map<string, Participant>();
  const requireFree = ({ name, account = name }: Joining): void => {
    if (!namePattern.test(name)) {
      const rule = 'lower-case letters, digits and dashes';
      throw problem({ field: 'name', rule, message: `Nobody can be called ${name}.` });
    }
    const taken = [...members.values()].some((one) => one.name === name || one.account === account);
    if (!taken) return;
    const rule = 'a name and an account of its own';
    throw problem({ field: 'name', rule, message: `${name} has joined already.`, status: 409 });
  };
  return {
    all: () => [...members.values()],
    require(name, field = 'participant') {
      const member = members.get(name);
      if (member !== undefined) return member;
      const rule = `one of ${[...members.keys()].join(', ')}`;
      throw problem({ field, rule, message: `Nobody here is called ${name}.`, status: 404 });
    },
    admit(joining) {
      requireFree(joining);
      const { name, kind, account = name, reserves = usual } = joining;
      const openingReserves = Object.hasOwn(byName, name) ? byName[name] : reserves;
      if (!isWhole(openingReserves)) {
        const rule = 'a whole number of minor units, 0 or more';
        throw problem({ field: 'reserves', rule, message: `${name} cannot begin with that.` });
      }
      const member = { name, kind, account, openingReserves: Number(openingReserves) };
      members.set(name, member);
      return member;
    },
  };
}
