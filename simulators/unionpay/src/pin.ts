/** unionpay simulator · pin: the block in which a card's secret travels (ISO 9564-1, format 0). */

/** Eight bytes: the PIN, hidden in the card's number. */
export function pinBlock(pin: string, cardNumber: string): Buffer {
  const own = Buffer.from(`0${pin.length.toString(16)}${pin}`.padEnd(16, 'F'), 'hex');
  // The twelve digits before the check digit.
  const account = Buffer.from(`0000${cardNumber.slice(-13, -1)}`, 'hex');
  return Buffer.from(own.map((byte, index) => byte ^ (account[index] ?? 0)));
}
