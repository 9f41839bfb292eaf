/** clearing · table: the netting table of a day as people read it - as text, and as a page. */
import { formatMoney } from '@polyrail/core';
import { html, page } from '@polyrail/simulator';
import type { Netting, NettingRow } from './settlement.ts';

/** How each row of the table ends, in words. */
const fates: Readonly<Record<NettingRow['fate'], string>> = {
  open: 'open',
  settled: 'settled',
  even: 'even: nothing moved',
  short: 'short of reserves: carried',
};

const columns = ['debtor', 'creditor', 'owes', 'is owed', 'pays', 'fate'] as const;

const headline = ({ date, currency, closedAt }: Netting): string =>
  `Netting of ${date}, ${currency}, ${closedAt === undefined ? 'still open' : `closed at ${closedAt}`}`;

/** Minor units as a decimal text. */
const textOf = ({ currency }: Netting, amount: number): string => formatMoney({ amount, currency });

function cellsOf(netting: Netting, row: NettingRow): readonly string[] {
  const amounts = [row.owed, row.due, row.net].map((amount) => textOf(netting, amount));
  const carried = row.since < netting.date ? `, since ${row.since}` : '';
  return [row.debtor, row.creditor, ...amounts, `${fates[row.fate]}${carried}`];
}

function footline(netting: Netting): string {
  const { rows, gross, moved, short, closedAt } = netting;
  const count = rows.reduce((sum, { obligations }) => sum + obligations, 0);
  const [all, some] = [textOf(netting, gross), textOf(netting, moved)];
  const rest = short === 0 ? '' : `, ${textOf(netting, short)} carried`;
  const verb = closedAt === undefined ? 'would move' : 'moved';
  return `${count} obligations of ${all} in all, ${some} ${verb}${rest}`;
}

const amountColumns = [2, 3, 4];

/** The table as lines of plain text, the last one without an end. */
export function nettingText(netting: Netting): string {
  const lines = [columns, ...netting.rows.map((row) => cellsOf(netting, row))];
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0)),
  );
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return amountColumns.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [headline(netting), ...lines.map(lineOf), footline(netting)].join('\n');
}

/** The table as a page of its own. */
export function nettingPage(netting: Netting): string {
  const rowOf = (row: NettingRow) =>
    html`<tr>${cellsOf(netting, row).map(
      (cell, column) =>
        html`<td class="${column === 5 && row.fate === 'short' ? 'bad' : ''}">${cell}</td>`,
    )}</tr>`;
  const body = html`<header><h1>${headline(netting)}</h1>
<p class="soft">${footline(netting)} · <a href="/_sim/">console</a></p></header>
<section><table><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr>
${netting.rows.map(rowOf)}</table></section>`;
  return page({ title: `Netting of ${netting.date}`, body });
}
