/** simulator · doctor json: the texts that writing one JSON object anew gives. */

export interface Rewriting {
  readonly text: string;
  readonly how: string;
}

/** A number, kept as it was written. */
class Source {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const parse = JSON.parse as (
  text: string,
  reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

interface Style {
  readonly comma: string;
  readonly colon: string;
  /** One level of indentation; empty on one line. */
  readonly indent: string;
  readonly order: 'kept' | 'sorted' | 'reversed';
  /** Numbers as they were written, or as a program prints the number it read. */
  readonly numbers: 'kept' | 'read';
  quote(text: string): string;
}

const compact: Style = {
  comma: ',',
  colon: ':',
  indent: '',
  order: 'kept',
  numbers: 'kept',
  quote: (text) => JSON.stringify(text),
};

const unicode = (text: string, upper: boolean): string =>
  text.replaceAll(/[\u0080-\uffff]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${upper ? hex.toUpperCase() : hex}`;
  });
const escaped = (text: string, characters: RegExp): string =>
  text.replaceAll(characters, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Ways to write a text between quotes. */
const quotings: readonly (readonly [how: string, quote: (text: string) => string])[] = [
  ['', compact.quote],
  ['`/` written as `\\/`', (text) => compact.quote(text).replaceAll('/', '\\/')],
  ['other characters as `\\u`', (text) => unicode(compact.quote(text), false)],
  [
    '`/` as `\\/` and other characters as `\\u`',
    (text) => unicode(compact.quote(text).replaceAll('/', '\\/'), false),
  ],
  ['other characters as upper-case `\\u`', (text) => unicode(compact.quote(text), true)],
  ['`<`, `>` and `&` as `\\u`', (text) => escaped(compact.quote(text), /[<>&]/g)],
  ["`<`, `>`, `&`, `=` and `'` as `\\u`", (text) => escaped(compact.quote(text), /[<>&='"]/g)],
];

const spacings: readonly (readonly [how: string, style: Partial<Style>])[] = [
  ['', {}],
  ['blanks after `,` and `:`', { comma: ', ', colon: ': ' }],
  ['a blank after `:`', { colon: ': ' }],
  ['a blank after `,`', { comma: ', ' }],
  ['two blanks of indentation', { indent: '  ', colon: ': ' }],
  ['four blanks of indentation', { indent: '    ', colon: ': ' }],
  ['tabs of indentation', { indent: '\t', colon: ': ' }],
];

const orders: readonly (readonly [how: string, order: Style['order']])[] = [
  ['', 'kept'],
  ['members sorted', 'sorted'],
  ['members reversed', 'reversed'],
];

type Members = Readonly<Record<string, unknown>>;

function namesOf(value: object, { order }: Style): readonly string[] {
  const names = Object.keys(value);
  if (order === 'sorted') return names.sort();
  return order === 'reversed' ? names.reverse() : names;
}

function write(value: unknown, style: Style, depth = 0): string {
  if (value instanceof Source) {
    return style.numbers === 'kept' ? value.text : JSON.stringify(Number(value.text));
  }
  if (typeof value === 'string') return style.quote(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const list = Array.isArray(value);
  const parts = list
    ? value.map((item) => write(item, style, depth + 1))
    : namesOf(value, style).map((name) => {
        const item = write((value as Members)[name], style, depth + 1);
        return `${style.quote(name)}${style.colon}${item}`;
      });
  const [open, close] = list ? '[]' : '{}';
  if (style.indent === '' || parts.length === 0) {
    return `${open}${parts.join(style.comma)}${close}`;
  }
  const line = `\n${style.indent.repeat(depth + 1)}`;
  return `${open}${line}${parts.join(`,${line}`)}\n${style.indent.repeat(depth)}${close}`;
}

/** What languages print for an object that nobody wrote as JSON. */
function printed(value: Members): readonly Rewriting[] {
  const text = (style: Partial<Style>) => write(value, { ...compact, ...style });
  const single = (item: string) => `'${item.replaceAll("'", "\\'")}'`;
  const java = Object.entries(value).map(
    ([name, item]) => `${name}=${typeof item === 'string' ? item : text({})}`,
  );
  return [
    { text: '[object Object]', how: 'as JavaScript prints an object' },
    { text: text({ comma: ', ', colon: ': ', quote: single }), how: 'as Python prints a dict' },
    { text: `{${java.join(', ')}}`, how: 'as Java prints a map' },
    { text: text({ comma: ', ', colon: '=>' }), how: 'as Ruby prints a hash' },
    { text: 'Array', how: 'as PHP prints an array' },
    { text: JSON.stringify(text({})), how: 'written twice, as a text within quotes' },
  ];
}

const maximumPermuted = 5;

function permutations(names: readonly string[]): readonly (readonly string[])[] {
  if (names.length < 2) return [names];
  return names.flatMap((first) =>
    permutations(names.filter((name) => name !== first)).map((rest) => [first, ...rest]),
  );
}

function* permuted(value: Members): Generator<Rewriting> {
  const names = Object.keys(value);
  if (names.length > maximumPermuted) return;
  for (const order of permutations(names)) {
    const members = Object.fromEntries(order.map((name) => [name, value[name]]));
    yield { text: write(members, compact), how: `members in the order ${order.join(', ')}` };
  }
}

function* styled(value: object): Generator<Rewriting> {
  for (const [ordering, order] of orders) {
    for (const [spacing, space] of spacings) {
      for (const [quoting, quote] of quotings) {
        const how = [ordering, spacing, quoting].filter((part) => part !== '');
        const text = write(value, { ...compact, ...space, order, quote });
        yield { text, how: how.join(', ') || 'without blanks' };
      }
    }
  }
}

/** An object or a list; `undefined` for anything else. */
function readTree(text: string): object | undefined {
  try {
    const value = parse(text, (_, item, { source }) =>
      typeof item === 'number' ? new Source(source ?? String(item)) : item,
    );
    const tree = typeof value === 'object' && value !== null && !(value instanceof Source);
    return tree ? value : undefined;
  } catch {
    return undefined;
  }
}

function* all(value: object): Generator<Rewriting> {
  const read = write(value, { ...compact, numbers: 'read' });
  yield { text: read, how: 'without blanks, numbers as a program prints them' };
  yield* styled(value);
  if (Array.isArray(value)) return;
  yield* printed(value as Members);
  yield* permuted(value as Members);
}

/** Other texts of the same object or list, the usual ones first; nothing for what is neither. */
export function* rewritings(text: string): Generator<Rewriting> {
  const value = readTree(text);
  if (value === undefined) return;
  const seen = new Set([text]);
  for (const rewriting of all(value)) {
    if (seen.has(rewriting.text)) continue;
    seen.add(rewriting.text);
    yield rewriting;
  }
}
