/** simulator · decode: bodies as people want to read them in the journal. */

const maximumFields = 200;
const maximumTextLength = 4_000;

const decoders: readonly [RegExp, (text: string) => unknown][] = [
  [/json/, (text) => JSON.parse(text)],
  [/x-www-form-urlencoded/, formOf],
];

function formOf(text: string): unknown {
  const fields: [string, string][] = [];
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.length >= maximumFields) break;
    fields.push([name, value]);
  }
  return Object.fromEntries(fields);
}

/** `{ body }` with form fields or JSON decoded, other text as it is, bytes as a count. */
export function decodeBody(
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): { readonly body?: unknown } {
  if (body.length === 0) return {};
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type');
  const text = new TextDecoder().decode(body);
  const decode = decoders.find(([type]) => type.test(named?.[1] ?? ''))?.[1];
  try {
    if (decode !== undefined) return { body: decode(text) };
  } catch {
    // Not what its header says: shown as text.
  }
  if (text.includes('\u{fffd}') || text.includes('\0')) return { body: `[${body.length} bytes]` };
  return { body: text.length > maximumTextLength ? `${text.slice(0, maximumTextLength)}…` : text };
}
