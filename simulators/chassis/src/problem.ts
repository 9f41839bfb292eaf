/**
 * simulator · problem: a mistake of whoever steers the simulator, naming the field and the rule.
 */

export interface Problem {
  /** Path of the offending member, as the caller wrote it. */
  readonly field?: string;
  /** What would have been accepted. */
  readonly rule?: string;
  readonly message: string;
  /** HTTP status on a control route. Default 400. */
  readonly status?: number;
}

const brand = Symbol.for('polyrail.simulator.problem');

/** An error that control routes answer as JSON with field and rule. Simulators throw it too. */
export function problem(details: Problem): Error {
  const { field, rule, message } = details;
  const made = new Error(rule === undefined ? message : `${message} Expected ${rule}.`);
  made.name = 'SimulatorProblem';
  Object.defineProperty(made, brand, { value: { status: 400, ...details } });
  if (field !== undefined) Object.defineProperty(made, 'field', { value: field, enumerable: true });
  return made;
}

/** The details of an error made by `problem`; `undefined` for any other. */
export function problemOf(error: unknown): (Problem & { readonly status: number }) | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  return Reflect.get(error, brand) as (Problem & { readonly status: number }) | undefined;
}

/** Edits (one letter added, lost, changed, or two swapped) that separate two words. */
function distance(left: string, right: string): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      if (i > 1 && j > 1 && swapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    [before, row] = [row, next];
  }
  return row[right.length] ?? 0;
}

/** The known word nearest to a misspelt one, if any is near enough to be meant. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(word.slice(0, 64), candidate) }))
    .sort((left, right) => left.edits - right.edits);
  const best = ranked[0];
  if (best === undefined) return undefined;
  return best.edits <= Math.max(2, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}
