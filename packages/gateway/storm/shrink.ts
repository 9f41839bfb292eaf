/** gateway storm · shrink: makes a failing schedule short, by leaving out one thing after the other. */
import { type Script, scriptOf } from './script.ts';
import type { Sabotage, WorldOptions } from './stage.ts';
import { partsOf, reduced, runWorld } from './world.ts';

export interface Failing {
  readonly seed: number;
  readonly payments: readonly number[];
  readonly without: ReadonlySet<string>;
}

/** A violation without its names and numbers: a shorter schedule must break the same law. */
export const kindOf = (what: string): string =>
  what.replaceAll(/evt_[\w-]+|[0-9a-f]{32}|st\d{8}\w*|\d+/g, '#');

interface Asked {
  readonly kind: string | undefined;
  readonly sabotage: Sabotage | undefined;
}

async function fails(failing: Failing, { kind, sabotage }: Asked): Promise<boolean> {
  const options: WorldOptions = { ...failing, sabotage };
  const { violations } = await runWorld(options);
  return violations.some(({ what }) => kind === undefined || kindOf(what) === kind);
}

/** Runs of the storm one shrinking may take. */
const mostRuns = 150;

/** Fewer payments first - the blamed one alone, if that is enough - then parts, one at a time. */
export async function shrink(
  start: Failing & { readonly blamed?: number | undefined; readonly kind?: string },
  sabotage?: Sabotage,
): Promise<Failing> {
  let runs = 0;
  let failing: Failing = { seed: start.seed, payments: start.payments, without: start.without };
  const attempt = async (next: Failing): Promise<boolean> => {
    if (runs >= mostRuns || !(await fails(next, { kind: start.kind, sabotage }))) return false;
    failing = next;
    return true;
  };
  const { blamed } = start;
  if (blamed !== undefined) {
    runs += 1;
    await attempt({ ...failing, payments: [blamed] });
  }
  for (let size = failing.payments.length >> 1; size >= 1; size >>= 1) {
    for (let from = 0; from < failing.payments.length && failing.payments.length > 1; ) {
      const { payments } = failing;
      const fewer = payments.filter((_, index) => index < from || index >= from + size);
      runs += 1;
      if (fewer.length === 0 || !(await attempt({ ...failing, payments: fewer }))) from += size;
    }
  }
  const parts = failing.payments.flatMap((number) => partsOf(scriptOf(failing.seed, number)));
  for (const part of parts) {
    runs += 1;
    await attempt({ ...failing, without: new Set([...failing.without, part]) });
  }
  return failing;
}

/** The one line that replays it. */
export function replayLine({ seed, payments, without }: Failing): string {
  const dropped = without.size === 0 ? '' : ` --drop ${[...without].join(',')}`;
  return `npm run storm -- --seed ${seed} --only ${payments.join(',')}${dropped}`;
}

const second = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** A schedule as people read it. */
export function describeScript(script: Script): string {
  const { number, noun, channel, request, amount, faults, deeds } = script;
  const { crashes, troubles, refusals } = script;
  const scene = noun === 'payout' ? '' : ` ${String(request['scene'])}`;
  const what = `${noun} ${number}: ${channel}${scene}, ${amount} fen`;
  const rule = ({ fault, ...rest }: Script['faults'][number]) => `${fault} ${JSON.stringify(rest)}`;
  return [
    what,
    ...deeds.map(
      (deed) => `  ${second(deed.atMs)}: ${deed.kind}${'id' in deed ? ` ${deed.id}` : ''}`,
    ),
    ...faults.map((fault) => `  fault ${rule(fault)}`),
    ...crashes.map(
      ({ point, pass, downMs }) => `  crash ${point}, pass ${pass}, down ${downMs} ms`,
    ),
    ...troubles.map(({ when, pass }) => `  the store fails ${when} transaction ${pass}`),
    ...(refusals === 0 ? [] : [`  its events are refused ${refusals} times`]),
  ].join('\n');
}

export const describeFailing = ({ seed, payments, without }: Failing): string =>
  payments.map((number) => describeScript(reduced(scriptOf(seed, number), without))).join('\n');
