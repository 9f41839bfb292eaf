/** unionpay simulator · sm2 form: r and s as DER, or bare behind each other, 32 bytes each. */

/** An element of DER, of less than 64 KiB. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** The content of the DER element at `at`, and where it ends; `undefined` where there is none. */
export function element(bytes: Uint8Array, tag: number, at: number) {
  const length = bytes[at + 1] ?? 0x80;
  const end = at + 2 + length;
  if (bytes[at] !== tag || length >= 0x80 || end > bytes.length) return undefined;
  return { content: bytes.subarray(at + 2, end), end };
}

/** Thirty-two bytes, whatever DER added or left out. */
export function number(content: Uint8Array): Buffer {
  const trimmed = content[0] === 0 ? content.subarray(1) : content;
  return Buffer.concat([Buffer.alloc(Math.max(0, 32 - trimmed.length)), trimmed]);
}

/** From DER to 64 bytes. */
export function rawSignature(der: Uint8Array): Buffer {
  const whole = element(der, 0x30, 0);
  const r = whole && element(whole.content, 0x02, 0);
  const s = r && element(whole.content, 0x02, r.end);
  if (r === undefined || s === undefined) throw new RangeError('signature: two numbers in DER');
  return Buffer.concat([number(r.content), number(s.content)]);
}

function derNumber(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const trimmed = bytes.subarray(start);
  const padded = (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed;
  return Buffer.concat([Buffer.of(0x02, padded.length), padded]);
}

/** From 64 bytes to DER; `undefined` for any other length. */
export function derSignature(raw: Uint8Array): Buffer | undefined {
  if (raw.length !== 64) return undefined;
  const numbers = Buffer.concat([derNumber(raw.subarray(0, 32)), derNumber(raw.subarray(32))]);
  return Buffer.concat([Buffer.of(0x30, numbers.length), numbers]);
}
