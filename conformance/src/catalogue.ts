/** conformance · catalogue: the laws and the channels' capabilities as documents. */
import type { Capabilities, Channel } from '@polyrail/core';
import type { Law } from './law.ts';

const levels = {
  1: 'pure: a channel and a spy suffice',
  2: 'exchange: needs a site',
  3: 'storm: needs faults',
} as const;

/** LAWS.md: every law with its reason and level. */
export function catalogueOf(laws: readonly Law[]): string {
  const rows = laws.map((law) => `| ${law.id} | ${law.level} | ${law.sentence} | ${law.why} |`);
  const legend = Object.entries(levels).map(([level, text]) => `${level} ${text}`);
  return [
    '# The laws',
    '',
    `${laws.length} laws. Levels: ${legend.join('; ')}.`,
    '',
    '| law | level | sentence | what goes wrong where it is broken |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** A channel as the matrix shows it. */
export interface MatrixEntry {
  readonly channel: Channel;
  /** `61 PASS, 4 N/A`, from a report. */
  readonly laws: string;
}

const verbColumns = {
  pay: ['pay'],
  query: ['query'],
  close: ['close'],
  'cancel · reverse': ['cancel', 'reverse'],
  refund: ['refund', 'queryRefund'],
  agreement: ['signUp', 'signOff'],
  authorization: ['authorize', 'capture'],
  payout: ['payout', 'queryPayout'],
  balance: ['balance'],
  notification: ['receive', 'acknowledge'],
} as const satisfies Readonly<Record<string, readonly (keyof Channel)[]>>;

const listed = (values: readonly string[] | undefined): string => (values ?? []).join(', ') || '–';

const kindsOf = ({ statements = {} }: Capabilities): string => listed(Object.keys(statements));

/** The channel matrix: generated from the channels themselves, one truth. */
export function matrixOf(entries: readonly MatrixEntry[]): string {
  const names = entries.map(({ channel }) => channel.name);
  const row = (title: string, of: (entry: MatrixEntry) => string): string =>
    `| ${[title, ...entries.map(of)].join(' | ')} |`;
  const verbRows = Object.entries(verbColumns).map(([title, verbs]) =>
    row(title, ({ channel }) => (verbs.every((verb) => channel[verb]) ? 'yes' : '–')),
  );
  return [
    `| | ${names.join(' | ')} |`,
    `| ---${' | ---'.repeat(names.length)} |`,
    row('scenes of pay', ({ channel }) => listed(channel.capabilities.scenes?.pay)),
    row('currencies', ({ channel }) => listed(channel.capabilities.currencies)),
    ...verbRows,
    row('statements', ({ channel }) => kindsOf(channel.capabilities)),
    row('laws kept', ({ laws }) => laws),
    '',
  ].join('\n');
}
