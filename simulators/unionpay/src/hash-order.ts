/**
 * unionpay simulator · hash order: the order in which the gateway's edge writes its errors. Recorded
 * ones stand as a hash table of Java 6 hands out what was put into it.
 */

/** Java's hash of a text, spread as the table of that time does. */
function spread(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  hash ^= (hash >>> 20) ^ (hash >>> 12);
  return hash ^ (hash >>> 7) ^ (hash >>> 4);
}

/** Within a bucket of 32 the recorded errors stand as they would in larger tables. */
const sizes = [32, 64, 128];

/** Names in table order. */
export const hashOrder = (names: readonly string[]): readonly string[] =>
  [...names].sort((left, right) => {
    const [one, other] = [spread(left), spread(right)];
    const gaps = sizes.map((size) => (one & (size - 1)) - (other & (size - 1)));
    return gaps.find((gap) => gap !== 0) ?? 0;
  });
