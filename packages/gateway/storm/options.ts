/** gateway storm · options: what the commands read from their command line, refused by name. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Ends the command with what was wrong, and its help. */
export function refuse(words: string, help: string): never {
  say(`${words}\n\n${help}`);
  process.exit(2);
}

/** What `read` gives, or its complaint as a refusal. */
export function readOptions<T>(read: () => T, help: string): T {
  try {
    return read();
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error), help);
  }
}

export interface Whole {
  readonly name: string;
  readonly text: string;
  readonly least: number;
  readonly most?: number;
}

/** A whole number within its bounds. */
export function wholeOf(
  { name, text, least, most = Number.MAX_SAFE_INTEGER }: Whole,
  help: string,
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  const bounds =
    most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;
  return refuse(`--${name} must be a whole number, ${bounds}, and is ${text}`, help);
}

/** One of so many equal parts, counted from 1. */
export interface Shard {
  readonly part: number;
  readonly parts: number;
}

/** `K/N`: the K-th of N. */
export function shardOf(text: string, help: string): Shard {
  const [part, parts] = text.split('/').map(Number);
  const isShard = /^\d+\/\d+$/.test(text) && part !== undefined && parts !== undefined;
  if (isShard && part >= 1 && part <= parts) return { part, parts };
  return refuse(`--shard must be K/N, as in 1/4, with K from 1 to N, and is ${text}`, help);
}
