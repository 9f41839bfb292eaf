/** ci · run: one command, with what it printed when it failed. */
import { spawnSync } from 'node:child_process';
import { root } from '../.config/packages.ts';

export interface Check {
  readonly name: string;
  /** What is wrong, or nothing. */
  check(): string | undefined | Promise<string | undefined>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

const longestMs = 600_000;

/** Runs a command; what it printed is told only when it failed. */
export function run(words: readonly string[], options: RunOptions = {}): string | undefined {
  const [program = '', ...rest] = words;
  const { cwd = root, timeoutMs = longestMs } = options;
  const ended = spawnSync(program, rest, {
    cwd,
    encoding: 'utf8',
    timeout: timeoutMs,
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (ended.status === 0) return undefined;
  const why = ended.error?.message ?? `ended with ${ended.signal ?? ended.status}`;
  return [`$ ${words.join(' ')}: ${why}`, ended.stdout, ended.stderr].join('\n').slice(-20_000);
}

/** The first thing wrong in a list of commands. */
export function runAll(
  commands: readonly (readonly string[])[],
  options: RunOptions = {},
): string | undefined {
  for (const words of commands) {
    const problem = run(words, options);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
