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

type Place = readonly [name: string, written: string];
const mostOrders = 1_000;
/** By the names as they come: few sets of them there are, and each is written again and again. */
const orders = new Map<string, readonly Place[]>();

function placesOf(names: readonly string[]): readonly Place[] {
  const key = names.join(' ');
  const known = orders.get(key);
  if (known !== undefined) return known;
  const places = inPlace(names).map((name): Place => [name, `${writeText(name)}:`]);
  if (orders.size < mostOrders) orders.set(key, places);
  return places;
}

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
  let parts = '';
  for (const [name, written] of placesOf(Object.keys(members))) {
    const text = write(members[name]);
    if (text !== undefined) parts += `${parts === '' ? '' : ','}${written}${text}`;
  }
  return `{${parts}}`;
}

/** Compact JSON text of a node. */
export const writeNode = writeMembers;
