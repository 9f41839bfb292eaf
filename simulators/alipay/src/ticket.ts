/** alipay simulator · ticket: what a QR or a cashier link carries. */
import type { SeededRandom } from '@polyrail/simulator';

function lettersAndDigits(random: SeededRandom, length: number): string {
  const alphabet = [...'0123456789abcdefghijklmnopqrstuvwxyz'];
  return Array.from({ length }, () => random.pick(alphabet)).join('');
}

/** What a QR or a cashier link carries. */
export const ticketFor = (random: SeededRandom): string =>
  `bax${random.digits(5)}${lettersAndDigits(random, 16)}`;
