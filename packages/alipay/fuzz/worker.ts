/** fuzz · worker: one share of the inputs, in a thread that can be watched and stopped. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FuzzPlan, fuzz } from './run.ts';

interface Share extends Omit<FuzzPlan, 'onInput'> {
  /** The index under way, and how many are done. */
  readonly progress: Int32Array;
}

const { progress, ...plan } = workerData as Share;
const result = await fuzz({
  ...plan,
  onInput(index) {
    progress[0] = index;
    Atomics.add(progress, 1, 1);
  },
});
parentPort?.postMessage(result);
