/**
 * gateway storm · log book: what the worlds of a long storm came to, in a file, world by world, so that
 * an interrupted storm goes on where it was.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { WorldReport } from './run.ts';

interface Title {
  readonly seed: number;
  readonly payments: number;
  /** `1/1`, or the part of the storm that is run. */
  readonly shard: string;
}

export interface LogBook {
  /** What is written in it already. */
  readonly reports: readonly WorldReport[];
  add(report: WorldReport): void;
}

/** Nothing is kept. */
export const noLogBook: LogBook = { reports: [], add: () => undefined };

/** A line that was cut off by the end of a process is left out: its world is run again. */
function readLine(line: string): WorldReport | undefined {
  try {
    return JSON.parse(line) as WorldReport;
  } catch {
    return undefined;
  }
}

/**
 * Opens a log book, or begins it.
 *
 * @throws RangeError when it is that of another storm
 */
export function openLogBook(file: string, title: Title): LogBook {
  const add = (line: unknown): void => appendFileSync(file, `${JSON.stringify(line)}\n`);
  const [first, ...lines] = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const expected = JSON.stringify(title);
  if (first === undefined || first === '') add(title);
  else if (first !== expected) {
    throw new RangeError(`--resume: ${file} is the log book of ${first}, not of ${expected}`);
  }
  // The end of a cut line.
  if ((lines.at(-1) ?? '') !== '') appendFileSync(file, '\n');
  const reports = lines.map(readLine).filter((report) => report !== undefined);
  return { reports, add };
}
