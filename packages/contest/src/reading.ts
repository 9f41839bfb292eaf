/** contest · reading: one reader of a statement, in a process of its own that does nothing else. */

/** Where lines come from, by the name of the contestant. */
export type Readers = Readonly<Record<string, () => AsyncIterable<unknown>>>;

export interface Read {
  readonly lines: number;
  readonly perSecond: number;
  readonly cpuMs: number;
  /** Of the whole process, from its start to its end. */
  readonly peakMiB: number;
}

/** Reads to the end and says what it took as JSON. */
export async function measureReader(readers: Readers): Promise<never> {
  const begun = performance.now();
  let lines = 0;
  for await (const _line of readers[process.env.BENCH_READER ?? '']?.() ?? []) lines += 1;
  const { user, system } = process.cpuUsage();
  const read: Read = {
    lines,
    perSecond: (lines / (performance.now() - begun)) * 1000,
    cpuMs: (user + system) / 1000,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(JSON.stringify(read));
  process.exit(0);
}
