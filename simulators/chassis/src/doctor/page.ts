/** simulator · doctor page: the form a person fills in, and the answer to it. */
import { type Html, html, page } from '../html.ts';
import type { FirstDifference, Side } from './difference.ts';
import type { Explanation } from './engine.ts';

const area = (name: string, label: string, rows: number): Html =>
  html`<p><label>${label}<textarea name="${name}" rows="${rows}" cols="90" spellcheck="false"
autocomplete="off"></textarea></label></p>`;
const line = (name: string, label: string): Html =>
  html`<label>${label}<input name="${name}" autocomplete="off"></label>`;

const form: Html = html`<section><h2>Show it</h2>
<form method="post" action="/_sim/doctor"><div>
<p><label>What is it?<select name="kind"><option value="">find out</option><option>request</option>
<option>reply</option><option>notification</option></select></label></p>
${area('url', 'Address, from the path on, with its query', 2)}
${line('method', 'Method')}
${area('headers', 'Headers, one a line', 3)}
${area('body', 'Raw body, byte for byte', 6)}
${area('bodyBase64', 'or the body in Base64', 2)}
${area('text', 'The text you signed or verified', 4)}
${area('key', 'The public key or certificate you use (never a private key)', 4)}
${line('charset', 'Your character set')}
<p><button class="primary">Explain</button></p></div></form></section>`;

const sideRow = (label: string, { hex, text }: Side): Html =>
  html`<tr><th scope="row">${label}</th><td><code>${hex || '(the end)'}</code></td>
<td><code>${text}</code></td></tr>`;

const difference = (parted: FirstDifference): Html =>
  html`<h2>First difference: byte ${parted.offset}, in ${parted.parameter}</h2>
<table>${sideRow('expected', parted.expected)}${sideRow('received', parted.received)}</table>`;

const text = (label: string, value: string | undefined): Html =>
  value === undefined ? html`` : html`<h2>${label}</h2><pre>${value}</pre>`;

function answer(explanation: Explanation): Html {
  const { verdict, cause, rule, advice, expected, received, firstDifference } = explanation;
  const good = verdict === 'genuine' ? 'good' : 'bad';
  return html`<section><h2><span class="${good}">${verdict}</span> ${cause ?? ''}</h2>
<p>${rule}</p><p><strong>${advice}</strong></p>
${firstDifference === undefined ? html`` : difference(firstDifference)}
${text('Text to be signed', expected)}${text('Text that was signed', received)}</section>`;
}

/** Without scripts; what was shown is not shown again. */
export function doctorPage({ explanation }: { readonly explanation?: Explanation }): string {
  const told = explanation === undefined ? html`` : answer(explanation);
  const body = html`<h1>Why does my signature not verify?</h1>
<p class="soft">A request as you sent it, or a reply or notification as it came.</p>${told}${form}`;
  return page({ title: 'Signature doctor', body });
}
