/** attack · main: the table of `npm run attacks`. */
import { examine, scoreOf, tableOf } from '@polyrail/contest';
import { corpusAt } from './corpus.ts';
import { polyrail } from './polyrail.ts';
import { tenpayClient } from './tenpay.ts';

const nowMs = Date.now();
const contestants = [polyrail(nowMs), tenpayClient];
const rows = await examine(corpusAt(nowMs), contestants);
const names = contestants.map(({ name }) => name);
process.stdout.write(`${tableOf(rows, names)}\n`);
const ours = scoreOf(rows, names[0] ?? '');
if (ours.refused < rows.length) process.exitCode = 1;
