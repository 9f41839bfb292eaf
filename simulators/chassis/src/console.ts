/**
 * simulator · console: one readable page to watch and steer a simulator by hand, without scripts.
 */
import { describeClock } from './clock.ts';
import { knownFaults } from './faults.ts';
import { dataTable, type Html, html, page } from './html.ts';
import type { JournalEntry } from './journal.ts';
import type { Simulator, World } from './simulator.ts';

const shownEntries = 40;
const hour = 3_600_000;

interface FormOptions {
  readonly action: string;
  readonly label: string;
  readonly hidden?: Readonly<Record<string, string>>;
  readonly inputs?: readonly Html[];
  readonly primary?: boolean;
}

function form({ action, label, hidden = {}, inputs = [], primary = false }: FormOptions): Html {
  const kept = Object.entries({ ...hidden, back: 'console' }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form method="post" action="/_sim/${action}">${kept}${inputs}<button class="${
    primary ? 'primary' : 'plain'
  }">${label}</button></form>`;
}

const input = (name: string, label: string, type = 'text'): Html =>
  html`<label>${label}<input name="${name}" type="${type}"></label>`;

const choice = (name: string, label: string, options: readonly string[]): Html =>
  html`<label>${label}<select name="${name}">${options.map(
    (option) => html`<option>${option}</option>`,
  )}</select></label>`;

function clockSection(world: World): Html {
  const move = (label: string, ms: number) =>
    form({ action: 'clock', label, hidden: { advanceMs: String(ms) } });
  return html`<section><h2>Clock</h2>${dataTable(describeClock(world.clock))}
<p>${move('+1 minute', 60_000)}${move('+1 hour', hour)}${move('+1 day', 24 * hour)}
${form({ action: 'clock', label: 'Freeze', hidden: { freeze: 'true' } })}
${form({ action: 'clock', label: 'Resume', hidden: { resume: 'true' } })}</p></section>`;
}

function payerSection(): Html {
  const inputs = [
    input('id', 'Order id'),
    choice('decision', 'Decision', ['approve', 'decline', 'abandon']),
  ];
  return html`<section><h2>Payer</h2>
${form({ action: 'payer', label: 'Decide', inputs, primary: true })}</section>`;
}

function faultSection(world: World, simulator: Simulator): Html {
  const names = [...knownFaults(simulator).keys()];
  const inputs = [
    choice('fault', 'Fault', names),
    input('operation', 'Operation (or any)'),
    input('id', 'Order id (or any)'),
    input('times', 'Times (1)', 'number'),
  ];
  return html`<section><h2>Faults</h2>${dataTable(world.faults.list())}
<p>${form({ action: 'faults', label: 'Arm', inputs })}</p></section>`;
}

const excerpt = (value: unknown): Html =>
  value === undefined ? html`–` : html`<pre>${JSON.stringify(value, null, 2)}</pre>`;

function entryRow(entry: JournalEntry): Html {
  const { sequence, at, direction, operation, id, status, faults, note, request, reply } = entry;
  const good = status !== undefined && status < 400 && faults.length === 0;
  return html`<tr><td>${sequence}</td><td>${at}</td><td>${direction}</td>
<td><details><summary>${operation}</summary>${note === undefined ? '' : html`<pre>${note}</pre>`}
${excerpt(request)}${excerpt(reply)}</details></td><td>${id ?? ''}</td>
<td class="${good ? 'good' : 'bad'}">${status ?? 'no reply'} ${faults.join(', ')}</td></tr>`;
}

function journalSection(world: World): Html {
  const entries = [...world.journal.entries({ limit: shownEntries })].reverse();
  const columns = ['#', 'At', 'Direction', 'Operation', 'Order id', 'Reply'];
  return html`<section><h2>Journal</h2><table>
<tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>
${entries.map(entryRow)}</table>
<p class="soft">The newest ${shownEntries}; all of it: <a href="/_sim/journal">/_sim/journal</a></p>
</section>`;
}

/** The page at `/_sim/`. */
export function consolePage(parts: {
  readonly world: World;
  readonly simulator: Simulator;
}): string {
  const { world, simulator } = parts;
  const body = html`<header><h1>${simulator.channel} simulator</h1>
<p class="soft">${world.baseUrl()} · seed ${world.seed} · no money moves here ·
<a href="/_sim/discovery">discovery</a> · <a href="/_sim/">refresh</a></p></header>
${payerSection()}
<section><h2>Book</h2>${dataTable(simulator.book())}</section>
<section><h2>Waiting notifications</h2>${dataTable(world.notifier.pending())}</section>
${clockSection(world)}${faultSection(world, simulator)}${journalSection(world)}
<p>${form({ action: 'reset', label: 'Reset everything' })}</p>`;
  return page({ title: `${simulator.channel} simulator`, body });
}
