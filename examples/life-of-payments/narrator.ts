/** examples · narrator: prints the story in columns, and keeps count of what was checked. */
import { isDeepStrictEqual, styleText } from 'node:util';

/** Who acts: the merchant calls, the channel pushes, the world does something, a bill is read. */
type Actor = 'call' | 'push' | 'world' | 'bill';

export interface Line {
  readonly actor: Actor;
  readonly verb: string;
  readonly scene?: string;
  readonly id?: string;
  readonly status?: string;
  readonly ms?: number;
  readonly note?: string;
}

export interface Narrator {
  act(title: string): void;
  /** A remark, wrapped to the width of the page. */
  aside(text: string): void;
  line(line: Line): void;
  /** Compares by value. A mismatch is printed with both sides and makes the story fail. */
  check(sentence: string, actual: unknown, expected?: unknown): void;
  /** A line as it is, for headings and tables. */
  print(text?: string): void;
  readonly count: { readonly passed: number; readonly failed: number };
}

type Style = Parameters<typeof styleText>[0];

const pageWidth = 98;
const glyphs: Readonly<Record<Actor, string>> = { call: '→', push: '←', world: '·', bill: '=' };
const statusStyles: Readonly<Record<string, Style>> = {
  succeeded: 'green',
  pending: 'yellow',
  thrown: 'red',
  failed: 'red',
  refused: 'red',
  unknown: 'magenta',
};

const widths = { verb: 20, scene: 10, id: 13, status: 10, ms: 6 } as const;

/** Cuts a text that is too long for its column, and says so with an ellipsis. */
export const fit = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width);

function* wrapped(text: string, width: number): Generator<string> {
  let row = '';
  for (const word of text.split(' ')) {
    if (row !== '' && row.length + 1 + word.length > width) {
      yield row;
      row = '';
    }
    row += row === '' ? word : ` ${word}`;
  }
  yield row;
}

export interface NarratorOptions {
  write(text: string): void;
  readonly colours: boolean;
}

export function createNarrator({ write, colours }: NarratorOptions): Narrator {
  const count = { passed: 0, failed: 0 };
  let acts = 0;
  // The stream is judged by `colours` alone, so that a test sees what a terminal sees.
  const paint = (style: Style, text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const print = (text = ''): void => write(`${text.trimEnd()}\n`);

  return {
    count,
    print,
    act(title) {
      acts += 1;
      print();
      print(`${paint('cyan', String(acts).padStart(2))}  ${paint('bold', title)}`);
    },
    aside(text) {
      for (const row of wrapped(text, pageWidth - 4)) print(`    ${paint('dim', row)}`);
    },
    line({ actor, verb, scene = '', id = '', status, ms, note = '' }) {
      const start = `  ${paint('cyan', glyphs[actor])} ${fit(verb, widths.verb)}`;
      const middle = `${fit(scene, widths.scene)}${fit(id, widths.id)}`;
      // What has no status of its own takes the room for its words.
      const room = pageWidth - 4 - widths.verb - widths.scene - widths.id;
      if (status === undefined) return print(`${start}${middle}${fit(note, room)}`);
      const took = ms === undefined ? '' : `${Math.max(1, Math.round(ms))} ms`;
      const end = paint(statusStyles[status] ?? 'reset', fit(status, widths.status));
      const rest = fit(note, room - widths.status - widths.ms - 2).trimEnd();
      print(`${start}${middle}${end}${paint('dim', took.padStart(widths.ms))}  ${rest}`);
    },
    check(sentence, actual, expected = true) {
      if (isDeepStrictEqual(actual, expected)) {
        count.passed += 1;
        print(`    ${paint('green', '✓')} ${sentence}`);
        return;
      }
      count.failed += 1;
      print(`    ${paint('red', '✗')} ${sentence}`);
      print(`      expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`);
    },
  };
}
