/** attack · certificates: lists that put the attacker's key in the place of WeChat Pay's, and floods. */
import type { Told } from '@polyrail/contest';
import {
  type Case,
  certificate,
  dossier,
  listOf,
  minuteMs,
  type Notes,
  peers,
  pushOf,
  siteAt,
} from './case.ts';
import { attacker, otherApiV3Key, platform, rewritten, sealed, unsigned } from './forging.ts';

/** As many serial numbers as anybody cares to invent. */
function flood(nowMs: number): Case {
  const serials = Array.from({ length: 20 }, (_, at) => `F0${String(at).padStart(38, '0')}`);
  const common = { does: 'receive', site: siteAt(nowMs), certificates: 'known' } as const;
  return {
    id: 'serial-flood',
    lie: '20 messages with 20 invented serials make more than 5 downloads',
    source: peers,
    attack: {
      ...common,
      messages: serials.map((serial) => pushOf(nowMs, { seal: { by: attacker, serial } })),
    },
    twin: { ...common, messages: serials.map(() => pushOf(nowMs, {})) },
    believes: ({ asked = 0 }) => asked > 5,
  };
}

/** After each of these, what the attacker signs is presented. */
const listAttacks = (nowMs: number): readonly Case[] => {
  const one = (notes: Notes, list: Told): Case => {
    const common = { does: 'receive', certificates: 'downloaded' } as const;
    return {
      ...notes,
      attack: {
        ...common,
        site: () => list,
        messages: [pushOf(nowMs, { seal: { by: attacker } })],
      },
      twin: { ...common, site: siteAt(nowMs), messages: [pushOf(nowMs, {})] },
    };
  };
  const implanted = listOf([
    [
      attacker.serial,
      rewritten(
        certificate(platform.certificate),
        platform.certificate,
        attacker.certificate.padEnd(platform.certificate.length, '\n'),
      ),
    ],
  ]);
  const foreign = listOf([[attacker.serial, certificate(attacker.certificate, otherApiV3Key)]]);
  const retired = listOf([[attacker.serial, certificate(attacker.certificate)]]);
  return [
    one(
      {
        id: 'list-implanted',
        lie: "the attacker's certificate written over the known text of WeChat Pay's",
        source: peers,
      },
      sealed(implanted, nowMs, { by: attacker }),
    ),
    one(
      {
        id: 'list-other-key',
        lie: 'the list encrypted under another key',
        source: dossier('C5.5'),
      },
      sealed(foreign, nowMs, { by: attacker }),
    ),
    one(
      {
        id: 'list-kept',
        lie: "yesterday's list, whose key was stolen since",
        source: dossier('A4.1'),
      },
      sealed(retired, nowMs - 24 * 60 * minuteMs, { by: attacker }),
    ),
    one(
      { id: 'list-unsigned', lie: 'the same without a signature', source: dossier('A4.1') },
      unsigned(retired),
    ),
  ];
};

export const certificateAttacks = (nowMs: number): readonly Case[] => [
  flood(nowMs),
  ...listAttacks(nowMs),
];
