/** examples · summary: the merchant's books at the end, what happened, and where to look next. */

import { nextActionOf } from './acts/paying.ts';
import { yuan } from './books.ts';
import { fit } from './narrator.ts';
import type { Stage } from './stage.ts';

function table({ narrator, shop }: Stage): void {
  const row = (cells: readonly string[]): void => {
    const [id = '', scene = '', channelId = '', amount = '', status = '', back = ''] = cells;
    const start = `    ${fit(id, 10)}${fit(scene, 11)}${fit(channelId, 30)}`;
    narrator.print(`${start}${amount.padStart(9)}  ${fit(status, 11)}${back.padStart(9)}`);
  };
  row(['payment', 'scene', 'at Alipay', 'amount', 'status', 'back']);
  for (const [id, { scene, ref, status, undone }] of shop.books.payments) {
    row([id, scene, ref.channelId ?? '-', yuan(ref.amount), status, yuan(undone)]);
  }
}

export function summary(stage: Stage, tookMs: number): void {
  const { narrator, site, doorbell, shop } = stage;
  const { heard, refused } = doorbell.count;
  const { passed, failed } = narrator.count;
  const exchanges = site.journal.entries({ direction: 'request' }).length;
  narrator.act('The books');
  table(stage);
  const payments = shop.books.payments.size;
  const seconds = (tookMs / 1000).toFixed(1);
  narrator.print();
  narrator.print(
    `  A day and a night in ${seconds} s: ${payments} payments, ${exchanges} requests,`,
  );
  narrator.print(`  ${heard} notifications heard, ${refused} of them refused.`);
  narrator.print(`  ${passed} checks passed, ${failed} failed.`);
  narrator.print();
  narrator.print(`  console     ${site.url}/_sim/`);
  narrator.print(`  journal     ${site.url}/_sim/journal`);
  narrator.print(`  discovery   ${site.url}/_sim/discovery`);
  narrator.print();
}

/** One order is left for whoever watches: to be paid in a browser, and told here when it rings. */
export async function invitation(stage: Stage): Promise<void> {
  const { narrator, site, shop, doorbell, order } = stage;
  narrator.act('Your turn');
  const notifyUrl = doorbell.url;
  const asked = await shop.pay({ scene: 'qr', ...order('yours', '6.00', 'Tea'), notifyUrl });
  const action = nextActionOf(asked);
  const code = action?.kind === 'qr' ? action.text : '';
  narrator.print(
    '    Open the cashier in a browser and press Pay; the notification arrives below:',
  );
  narrator.print(`    ${site.url}/_sim/cashier?qr=${encodeURIComponent(code)}`);
  narrator.print();
  narrator.print('    The simulator stays up. Ctrl-C stops it.');
  doorbell.follow(narrator.line);
}
