/** simulator · html: small self-contained pages, escaped by construction. */

/** Markup that needs no escaping any more. */
export interface Html {
  readonly '~html': string;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const isHtml = (value: unknown): value is Html =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, '~html') === 'string';

function written(value: unknown): string {
  if (isHtml(value)) return value['~html'];
  if (Array.isArray(value)) return value.map(written).join('');
  if (value === undefined || value === null || value === false) return '';
  return escapeHtml(String(value));
}

/** A template tag: what is put in is escaped, unless it is `Html` (or a list of it) itself. */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  const parts = strings.map((part, index) => part + written(values[index]));
  return { '~html': parts.join('') };
}

/** Markup from a trusted source, as it is. */
export const rawHtml = (markup: string): Html => ({ '~html': markup });

const style = `
:root{color-scheme:light dark;--ink:#17202a;--soft:#5b6775;--line:#dde3ea;--back:#f5f7fa;
--card:#fff;--accent:#0a5ad6;--good:#0b7a3e;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#9aa7b5;--line:#2c3641;
--back:#11161c;--card:#1a2129;--accent:#6aa7ff;--good:#5fd08f;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--back);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","PingFang SC","Noto Sans CJK SC",sans-serif}
main{max-width:68rem;margin:0 auto;padding:1.5rem}main.narrow{max-width:28rem}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.1rem;margin:0 0 .6rem}
section,.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;
padding:1.1rem;margin:1rem 0;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;color:var(--soft)}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}code,pre{font:.85rem/1.45 ui-monospace,Menlo,monospace}
pre{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}a{color:var(--accent)}
button{font:inherit;padding:.5rem 1rem;border-radius:.5rem;border:1px solid var(--line);
background:var(--card);color:var(--ink);cursor:pointer}
button.primary{background:var(--accent);border-color:var(--accent);color:#fff}
@media(prefers-color-scheme:dark){button.primary{color:#08121f}}
input,select{font:inherit;padding:.4rem .5rem;border-radius:.5rem;border:1px solid var(--line);
background:var(--back);color:var(--ink);max-width:100%}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
form{display:inline-flex;gap:.5rem;flex-wrap:wrap;align-items:end;margin:.2rem .4rem .2rem 0}
label{display:grid;font-size:.8rem;color:var(--soft)}
.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}
.amount{font-size:2.2rem;font-weight:650;margin:.4rem 0}details summary{cursor:pointer}
`;

export interface PageOptions {
  readonly title: string;
  readonly body: Html;
  /** Default `en`. */
  readonly lang?: string;
  /** For a single card, such as a cashier page. */
  readonly narrow?: boolean;
}

/** A whole document without scripts and without anything fetched from elsewhere. */
export function page({ title, body, lang = 'en', narrow = false }: PageOptions): string {
  const document = html`<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>${rawHtml(style)}</style></head>
<body><main class="${narrow ? 'narrow' : 'wide'}">${body}</main></body></html>
`;
  return document['~html'];
}

/** Plain data as nested tables; the depth is capped. */
export function dataTable(value: unknown, depth = 0): Html {
  if (typeof value !== 'object' || value === null) return html`${String(value ?? '–')}`;
  if (depth > 5) return html`<code>${JSON.stringify(value)}</code>`;
  const rows = Object.entries(value).filter(([, item]) => item !== undefined);
  if (rows.length === 0) return html`<span class="soft">none</span>`;
  const tabular =
    Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null);
  if (!tabular) {
    const line = ([name, item]: [string, unknown]) =>
      html`<tr><th scope="row">${name}</th><td>${dataTable(item, depth + 1)}</td></tr>`;
    return html`<table>${rows.map(line)}</table>`;
  }
  const columns = [...new Set(value.flatMap((item) => Object.keys(item as object)))];
  const cell = (item: unknown, column: string) =>
    html`<td>${dataTable(Reflect.get(item as object, column), depth + 1)}</td>`;
  return html`<table><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>
${value.map((item) => html`<tr>${columns.map((column) => cell(item, column))}</tr>`)}</table>`;
}
