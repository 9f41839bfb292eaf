/** alipay simulator · push: one event told until it is heard - sealed, spoilt by faults, repeated. */
import type { FaultRule, Sealed } from '@polyrail/simulator';
import { type Charset, encodeText } from '@polyrail/simulator';
import { formText } from './envelope.ts';
import { yuan } from './fields.ts';
import type { Identity, Merchant } from './merchants.ts';
import { corrupted, signerOf } from './reply.ts';
import type { Room } from './room.ts';
import { sealNow, type Voice } from './seal.ts';
import { dayMs } from './time.ts';

export type Fields = Readonly<Record<string, string>>;

/** Without what is missing or empty: the gateway sends no empty member. */
export const filled = (members: Readonly<Record<string, string | undefined>>): Fields =>
  Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );

/** How a kind of push is written and repeated. */
export interface PushStyle {
  /** Everything that is signed: the members, dated and with what every push of the kind carries. */
  wrap(told: Told, members: Fields, at: number): Fields;
  /** The text its signature is about. */
  textOf(fields: Fields): string;
  readonly ladderMs: readonly number[];
}

/** One event to be told. */
export interface Told {
  readonly style: PushStyle;
  /** `notify_type`, or of a message its `msg_method`: the operation of journal and fault rules. */
  readonly operation: string;
  /** The merchant's number of what it is about. */
  readonly id: string;
  readonly url: string;
  readonly merchant: Merchant;
  readonly notifyId: string;
  readonly voice: Voice;
  /** What happened: the same on every repetition. */
  readonly members: Fields;
  /** The member that says how much, and the one that says of which order. */
  readonly amountName?: string;
  readonly numberName: string;
  /** Members a forger puts in place of the true ones. */
  readonly forgery: Fields;
}

type Take = (fault: string) => FaultRule | undefined;

/** Another amount than the true one: the rule's (fen), or a fen more. */
export function wrongAmount(rule: FaultRule, fen: number): string {
  const given = Number(rule['amount'] ?? Number.NaN);
  return yuan(Number.isSafeInteger(given) ? given : fen + 1);
}

/** Another order's number. */
export const wrongOrder = (rule: FaultRule, number: string): string =>
  String(rule['otherId'] ?? `${number.slice(0, 62)}_2`);

export const fenOf = (yuanText: string): number => Number(yuanText.replace('.', ''));

/** Faults are asked for by the push's own operation and the merchant's number. */
function takeFor({ operation, id }: Told, { world }: Room): Take {
  return (fault) => world.faults.take(fault, { operation, id });
}

/** What faults make of the members before they are signed. */
function spoilt(told: Told, take: Take): Fields {
  const { members, amountName, numberName } = told;
  const truth = amountName === undefined ? undefined : members[amountName];
  const amount = truth === undefined ? undefined : take('wrong-amount');
  const other = take('wrong-order');
  return {
    ...members,
    ...(amount && amountName && { [amountName]: wrongAmount(amount, fenOf(truth ?? '')) }),
    ...(other && { [numberName]: wrongOrder(other, members[numberName] ?? '') }),
  };
}

function written(fields: Fields, charset: Charset): Sealed {
  const headers = { 'content-type': `application/x-www-form-urlencoded; charset=${charset}` };
  return { headers, body: formText(fields, charset) };
}

/** One delivery: dated now, signed by `identity`, or spoilt by the faults that strike. */
function sealed(told: Told, identity: Identity, room: Room): Sealed {
  const take = takeFor(told, room);
  const { style, voice } = told;
  const { charset, signType } = voice;
  const stale = take('stale-timestamp');
  const age = stale === undefined ? 0 : Number(stale['ageMs'] ?? 2 * dayMs);
  const fields = style.wrap(told, spoilt(told, take), room.world.clock.now() - age);
  const key = take('foreign-signature') ? room.platform.foreignKey : identity.privateKey;
  const signature = sealNow(signType, key, encodeText(style.textOf(fields), charset));
  const sign = take('bad-signature') ? corrupted(signature) : signature;
  return written({ ...fields, sign }, charset);
}

/** What somebody without the platform's key would send: good news, and a signature of his own. */
function forged(told: Told, room: Room): Sealed {
  const { style, voice } = told;
  const { charset, signType } = voice;
  const mine = { ...told, notifyId: told.notifyId.replace(/.$/, '0') };
  const fields = style.wrap(mine, { ...told.members, ...told.forgery }, room.world.clock.now());
  const text = encodeText(style.textOf(fields), charset);
  return written({ ...fields, sign: sealNow(signType, room.platform.foreignKey, text) }, charset);
}

const isSuccess = (body: Uint8Array): boolean => Buffer.from(body).toString('latin1') === 'success';

function send(told: Told, identity: Identity, room: Room): void {
  room.world.notifier.send({
    url: told.url,
    operation: told.operation,
    id: told.id,
    ladderMs: told.style.ladderMs,
    // Quirk: seven bytes exactly; `SUCCESS`, a line end or a redirect is no.
    accepts: ({ status, body }) => status === 200 && isSuccess(body),
    ...sealed(told, identity, room),
    rebuild: () => sealed(told, identity, room),
    forge: () => forged(told, room),
  });
}

/** Tells an event once the answer to the call that caused it is made. */
export function tell(told: Told, room: Room): void {
  const { platform, world } = room;
  room.notices.add(() => {
    const rotated = takeFor(told, room)('key-rotation') !== undefined;
    const { voice } = told;
    if (!rotated) send(told, voice.certificates ? platform.current() : platform.identity, room);
    else {
      const signer = signerOf(platform, voice, rotated);
      world.clock.hold(signer.then((identity) => send(told, identity, room)));
    }
  });
}
