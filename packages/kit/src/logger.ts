/** kit · logger: writes events as lines of JSON, or nowhere. Redaction happened before, in core. */
import type { Clock, Logger } from '@polyrail/core';

const nothing = (): void => {};

/** Says nothing. */
export const silentLogger: Logger = Object.freeze({
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
});

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

export interface LineLoggerOptions {
  /** Events below it are dropped. Default `info`. */
  readonly level?: LogLevel;
  /** Stamps each line with `at`; without a clock there is no stamp. */
  readonly clock?: Clock;
}

/** What JSON cannot say is said in words; an error keeps its name and message, never its stack. */
function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error) || 'toJSON' in value) return value;
  return { name: value.name, message: value.message };
}

function lineOf(head: object, fields: Readonly<Record<string, unknown>> | undefined): string {
  try {
    return JSON.stringify({ ...fields, ...head }, plain);
  } catch {
    return JSON.stringify({ ...head, fields: '[not serializable]' });
  }
}

/**
 * A logger over any sink of lines, without line ends: `lineLogger((line) => stream.write(line + '\n'))`.
 * `level`, `event` and `at` win over fields of the same name.
 */
export function lineLogger(
  write: (line: string) => void,
  { level: lowest = 'info', clock }: LineLoggerOptions = {},
): Logger {
  const stamp = (): object =>
    clock === undefined ? {} : { at: new Date(clock.now()).toISOString() };
  const make = (level: LogLevel): Logger['info'] => {
    if (levels.indexOf(level) < levels.indexOf(lowest)) return nothing;
    return (event, fields) => write(lineOf({ ...stamp(), level, event }, fields));
  };
  return Object.freeze({
    debug: make('debug'),
    info: make('info'),
    warn: make('warn'),
    error: make('error'),
  });
}
