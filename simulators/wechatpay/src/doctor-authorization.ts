/** wechatpay simulator · doctor-authorization: what the header of a request shows by itself. */
import type { Found } from '@polyrail/simulator/doctor';
import type { Merchant } from './merchants.ts';
import type { Room } from './room.ts';
import { minuteMs } from './time.ts';
import type { Authorization } from './v3-request.ts';

const found = (cause: string, rule: string, advice: string): Found => ({ cause, rule, advice });

const shape =
  'Write: the scheme, one blank, then mchid="…",nonce_str="…",signature="…",timestamp="…",' +
  'serial_no="…", every value in double quotes, each once.';

const members = ['mchid', 'nonce_str', 'signature', 'timestamp', 'serial_no'] as const;

/** Why a header is no `Authorization` of API v3. */
export function malformedFound(header: string): Found {
  const told = (rule: string) => found('authorization', rule, shape);
  if (header === '') return told('There is no Authorization header');
  const [scheme = '', ...rest] = header.split(' ');
  if (rest.length === 0 || scheme.includes('=')) {
    return told('Authorization does not begin with its scheme and one blank');
  }
  const text = rest.join(' ');
  const count = (name: string) => text.match(new RegExp(`\\b${name}\\s*=`, 'g'))?.length ?? 0;
  const missing = members.filter((name) => count(name) === 0);
  if (missing.length > 0) return told(`Authorization lacks ${missing.join(', ')}`);
  const twice = members.filter((name) => count(name) > 1);
  if (twice.length > 0) return told(`Authorization has ${twice.join(', ')} twice`);
  if (!/"/.test(text)) return told('The values in Authorization have no double quotes');
  return told('Authorization is not written as name="value" pairs with commas between them');
}

function serialFound(serial: string, merchant: Merchant, room: Room): readonly Found[] {
  const { signer } = merchant;
  const given = serial.toUpperCase();
  if (given === signer.serial) return [];
  const advice = `serial_no is that of the merchant's own certificate: ${signer.serial}.`;
  const told = (rule: string) => [found('wrong-serial', rule, advice)];
  const platform = [...room.platform.certificates(), signer.platformKey].some(
    ({ id }) => id === given,
  );
  if (platform)
    return told("serial_no is that of WeChat Pay's key, which goes to Wechatpay-Serial");
  const other = room.merchants.find((one) => one !== merchant && one.signer.serial === given);
  if (other !== undefined) return told(`serial_no is that of merchant ${other.mchid}`);
  if (/^\d+$/.test(given) && BigInt(given) === BigInt(`0x${signer.serial}`)) {
    return told('serial_no is written in decimal, not in hexadecimal');
  }
  if (given.replaceAll(/[^0-9A-F]/g, '').replace(/^0+/, '') === signer.serial.replace(/^0+/, '')) {
    return told('serial_no is written with colons, blanks or zeros that do not belong there');
  }
  return told('serial_no names a certificate that is not the one of this merchant');
}

/** How far a time is from the nearer one of the two clocks a client may live by. */
export function apartMs(timestamp: string, { world }: Room): number {
  const at = Number(timestamp) * 1_000;
  return Math.min(Math.abs(world.clock.now() - at), Math.abs(world.wallNow() - at));
}

export const windowMs = 5 * minuteMs;

function timeFound(timestamp: string, room: Room): readonly Found[] {
  if (/^\d{13}$/.test(timestamp)) {
    const advice = 'timestamp counts seconds: 10 digits.';
    return [found('timestamp-unit', 'The timestamp was sent in milliseconds', advice)];
  }
  if (!/^\d{1,12}$/.test(timestamp)) {
    const advice = 'timestamp counts seconds since 1970: 10 digits.';
    return [found('timestamp-unit', 'The timestamp is no whole number of seconds', advice)];
  }
  const apart = apartMs(timestamp, room);
  if (apart <= windowMs) return [];
  const rule = `The timestamp is ${Math.round(apart / 1_000)} s from now, more than five minutes`;
  const advice =
    'Set the clock of the machine, and take the time when you sign. A time of another zone is ' +
    'whole hours away: seconds since 1970 have no zone.';
  return [found('stale-time', rule, advice)];
}

/** Mistakes that the header shows, whatever was signed. */
export function headerFound(
  authorization: Authorization,
  { merchant, room, scheme }: { merchant: Merchant; room: Room; scheme: string },
): readonly Found[] {
  const { timestamp, serial } = authorization;
  const wrong = authorization.scheme !== scheme;
  const rule = `The scheme is ${authorization.scheme}, but this merchant signs as ${scheme}`;
  return [
    ...(wrong ? [found('scheme', rule, `Begin Authorization with ${scheme}.`)] : []),
    ...timeFound(timestamp, room),
    ...serialFound(serial, merchant, room),
  ];
}
