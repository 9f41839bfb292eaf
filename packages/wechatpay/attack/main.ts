/** attack · main: the table of `npm run attacks`. */
import { examine, scoreOf, tableOf } from '@polyrail/contest';
import { axiosPlugin } from './axios-plugin.ts';
import { corpusAt } from './corpus.ts';
import { nodeV3 } from './node-v3.ts';
import { polyrail } from './polyrail.ts';

const nowMs = Date.now();
const contestants = [polyrail(nowMs), axiosPlugin, nodeV3];
const rows = await examine(corpusAt(nowMs), contestants);
const names = contestants.map(({ name }) => name);
process.stdout.write(`${tableOf(rows, names)}\n`);
const ours = scoreOf(rows, names[0] ?? '');
if (ours.refused < rows.length) process.exitCode = 1;
