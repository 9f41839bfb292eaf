/** examples · html: a template tag that escapes whatever is put in. */

/** Markup that needs no escaping any more. */
export interface Html {
  readonly markup: string;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const isHtml = (value: unknown): value is Html =>
  typeof value === 'object' && value !== null && 'markup' in value;

function written(value: unknown): string {
  if (isHtml(value)) return value.markup;
  if (Array.isArray(value)) return value.map(written).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Texts are escaped; `Html`, or a list of it, is put in as it is. */
export const html = (strings: TemplateStringsArray, ...values: readonly unknown[]): Html => ({
  markup: strings.map((part, index) => part + written(values[index])).join(''),
});
