/** bench · run: one contestant of bench/pay.ts in a process of its own. */
import { runContestant } from '@polyrail/contest';
import { contestants } from './contestants.ts';

await runContestant(contestants);
