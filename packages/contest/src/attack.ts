/** contest · attack: one corpus presented to several contestants, and what each of them made of it. */
import { printTable } from './table.ts';

/**
 * A lie, and the same thing without it. Both go through the same door: a twin that is not accepted
 * says that the door is shut, not that the lie was seen.
 */
export interface Attack<Presented> {
  readonly id: string;
  /** What is wrong, in a few words. */
  readonly lie: string;
  /** Where it comes from: a survey, a dossier, an issue. */
  readonly source: string;
  readonly attack: Presented;
  readonly twin: Presented;
  /** Whether what a contestant took for true is the lie. Default: whatever it takes for true is. */
  readonly believes?: (found: Found) => boolean;
}

/** What a contestant took for true, as far as it hands it to its user; `undefined` is nothing. */
export interface Found {
  readonly order?: string | undefined;
  readonly refund?: string | undefined;
  /** In fen. */
  readonly amount?: number | undefined;
  /** Lines of a bill. */
  readonly lines?: number | undefined;
  /** Requests that the contestant was made to send. */
  readonly asked?: number | undefined;
}

/** Whether nothing was handed over: neither an order, a refund, nor a bill. */
export const foundNothing = ({ order, refund, lines }: Found): boolean =>
  order === undefined && refund === undefined && lines === undefined;

/** One client, used as it tells its users to use it. */
export interface Contestant<Presented> {
  readonly name: string;
  /**
   * Gives what it took for true, throws when it refuses; `undefined`: it has nothing to ask here.
   */
  readonly present: (presented: Presented) => Promise<Found> | undefined;
}

export type Verdict = 'refused' | 'ACCEPTED' | 'not offered';

export interface Row {
  readonly id: string;
  readonly lie: string;
  readonly source: string;
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

async function tryOne<P>(contestant: Contestant<P>, presented: P): Promise<Found | undefined> {
  try {
    return (await contestant.present(presented)) ?? undefined;
  } catch {
    return {};
  }
}

async function verdictOf<P>(contestant: Contestant<P>, attack: Attack<P>): Promise<Verdict> {
  const honest = await tryOne(contestant, attack.twin);
  // What refuses the truth as well proves nothing by refusing the lie.
  if (honest === undefined || foundNothing(honest)) return 'not offered';
  if (attack.believes?.(honest) === true) return 'not offered';
  const found = (await tryOne(contestant, attack.attack)) ?? {};
  const believed = attack.believes?.(found) ?? !foundNothing(found);
  return believed ? 'ACCEPTED' : 'refused';
}

/** Presents every attack and its twin to every contestant, one after the other. */
export async function examine<P>(
  attacks: readonly Attack<P>[],
  contestants: readonly Contestant<P>[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const attack of attacks) {
    const verdicts: Record<string, Verdict> = {};
    for (const contestant of contestants) {
      verdicts[contestant.name] = await verdictOf(contestant, attack);
    }
    rows.push({ id: attack.id, lie: attack.lie, source: attack.source, verdicts });
  }
  return rows;
}

/** How many of the attacks that were offered to a contestant it refused. */
export function scoreOf(rows: readonly Row[], name: string): { refused: number; offered: number } {
  const offered = rows.filter(({ verdicts }) => verdicts[name] !== 'not offered');
  const refused = offered.filter(({ verdicts }) => verdicts[name] === 'refused');
  return { refused: refused.length, offered: offered.length };
}

/** The rows side by side, and the sums below. */
export function tableOf(rows: readonly Row[], names: readonly string[]): string {
  const cells = rows.map(({ id, lie, verdicts }) => [
    id,
    lie,
    ...names.map((name) => verdicts[name] ?? ''),
  ]);
  const sums = names.map((name) => {
    const { refused, offered } = scoreOf(rows, name);
    return `${refused} of ${offered}`;
  });
  return printTable(['attack', 'the lie', ...names], [...cells, ['refused', '', ...sums]], 'left');
}
