/** alipay simulator · agreement concern: an agreement as its payer meets it, and what is told of it. */
import { stuck } from '@polyrail/simulator';
import {
  type Agreement,
  type AgreementChange,
  type AgreementState,
  agreementId,
} from './agreement-book.ts';
import { appGatewayOf } from './app-gateway.ts';
import { returnAddress } from './browser-return.ts';
import type { Concern, Face } from './concern.ts';
import { yuan } from './fields.ts';
import { notify } from './notification.ts';
import { filled } from './push.ts';
import type { Room } from './room.ts';
import { timeText } from './time.ts';

/** Quirk: an open end is written as a day of the next century. */
const openEnd = '2115-02-01 00:00:00';

/** `invalid_time` of an agreement. */
export const endText = ({ invalidAt }: Agreement): string =>
  invalidAt === undefined ? openEnd : timeText(invalidAt);

const verdicts: Readonly<Record<AgreementState, string>> = {
  OPEN: 'waiting for you',
  REFUSED: 'You declined.',
  NORMAL: 'Signed.',
  UNSIGN: 'This agreement has ended.',
};

function faceOf(agreement: Agreement): Face {
  const { terms, merchant, payer, state } = agreement;
  const { period } = terms;
  const rows: [string, string][] = [
    ['Merchant', merchant.sellerId],
    ['Agreement', agreementId(agreement)],
    ['Payer', payer.logonId],
  ];
  if (period !== undefined) {
    const every = `every ${period.period} ${period.type === 'DAY' ? 'days' : 'months'}`;
    rows.push(['Charges', `at most ¥${yuan(period.single)} ${every} from ${period.executeTime}`]);
  }
  const title = 'Sign an agreement';
  const yes = 'Agree and sign';
  return { title, rows, yes, verdict: verdicts[state], good: state === 'NORMAL' };
}

/** What a signed agreement says of itself, alike on the way back and in notifications. */
const signedMembers = (agreement: Agreement) => {
  const { terms, agreementNo, payer, signedAt = 0 } = agreement;
  return {
    agreement_no: agreementNo,
    external_agreement_no: terms.externalAgreementNo,
    alipay_user_id: payer.userId,
    alipay_logon_id: payer.logonId,
    personal_product_code: terms.personalProductCode,
    sign_scene: terms.signScene,
    status: 'NORMAL',
    sign_time: timeText(signedAt),
    valid_time: timeText(signedAt),
    invalid_time: endText(agreement),
  };
};

function backOf(agreement: Agreement, room: Room): string | undefined {
  const { terms, merchant, voice, state } = agreement;
  if (terms.returnUrl === undefined || state !== 'NORMAL') return undefined;
  const method = 'alipay.user.agreement.page.sign.return';
  const members = signedMembers(agreement);
  return returnAddress({ url: terms.returnUrl, method, merchant, voice, members }, room);
}

export function agreementConcern(agreement: Agreement, room: Room): Concern {
  const { agreements } = room;
  const concern: Concern = {
    noun: 'agreement',
    merchant: agreement.merchant,
    id: agreementId(agreement),
    ticket: agreement.ticket,
    state: () => agreement.state,
    isOpen: () => agreement.state === 'OPEN',
    isAgreed: () => agreement.state === 'NORMAL',
    look: () => undefined,
    approve() {
      if (!concern.isOpen()) throw stuck(concern, 'signed');
      agreements.sign(agreement);
    },
    /** While it is open the payer refuses; an active one he ends in his wallet. */
    decline() {
      if (concern.isOpen()) agreements.refuse(agreement);
      else if (concern.isAgreed()) agreements.unsign(agreement);
      else throw stuck(concern, 'declined');
    },
    truth: () => agreements.truth(agreement),
    face: () => faceOf(agreement),
    back: () => backOf(agreement, room),
  };
  return concern;
}

/** Tells of a signing or its end: the address of the call, of the signing, or the app gateway. */
export function notifyAgreement(
  agreement: Agreement,
  change: AgreementChange,
  { room, url: own }: { readonly room: Room; readonly url?: string | undefined },
): void {
  const { merchant, terms, voice } = agreement;
  const url = own ?? terms.notifyUrl ?? appGatewayOf(merchant, room);
  if (url === undefined) return;
  const { sign_time, valid_time, invalid_time, ...common } = signedMembers(agreement);
  const ended = { status: 'UNSIGN', unsign_time: timeText(agreement.endedAt ?? 0) };
  const signed = { sign_time, valid_time, invalid_time };
  const event = {
    operation: change === 'signed' ? 'dut_user_sign' : 'dut_user_unsign',
    id: agreementId(agreement),
    url,
    merchant,
    voice,
    members: filled({ ...common, ...(change === 'signed' ? signed : ended) }),
    numberName: 'external_agreement_no',
    forgery: { status: 'NORMAL' },
  };
  notify(event, room);
}
