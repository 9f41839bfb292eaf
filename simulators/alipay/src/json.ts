/** alipay simulator · json: writes a response node the way the gateway does, byte for byte. */

/** What a node is made of: texts, lists and objects. Money and counts are texts too. */
type NodeValue = string | readonly NodeValue[] | NodeMembers | undefined;
export interface NodeMembers {
  readonly [name: string]: NodeValue;
}

/** These lead a node; every other member follows in alphabetical order. */
const leading = ['code', 'msg', 'sub_code', 'sub_msg'];

const inPlace = (names: readonly string[]): readonly string[] => [
  ...leading.filter((name) => names.includes(name)),
  ...names.filter((name) => !leading.includes(name)).sort(),
];

/** Quirk: the gateway writes `/` as `\/`, other characters as they are, and signs that text. */
const writeText = (text: string): string => JSON.stringify(text).replaceAll('/', '\\/');

/** `undefined` for what the gateway leaves out: missing values, empty texts, lists and objects. */
function write(value: NodeValue): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (typeof value === 'string') return writeText(value);
  if (Array.isArray(value)) {
    const items = value.map(write).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : `[${items.join(',')}]`;
  }
  const written = writeMembers(value as NodeMembers);
  return written === '{}' ? undefined : written;
}

function writeMembers(members: NodeMembers): string {
  const parts: string[] = [];
  for (const name of inPlace(Object.keys(members))) {
    const text = write(members[name]);
    if (text !== undefined) parts.push(`${writeText(name)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

/** Compact JSON text of a node. */
export const writeNode = writeMembers;
