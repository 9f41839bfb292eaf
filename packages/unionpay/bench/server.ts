/** bench · server: UnionPay as cheap as it can be; every answer was signed before it is asked for. */
import { orderIds, serveReplies } from '@polyrail/contest';
import { sealedReply } from './sealing.ts';
import { merId, platformKey, txnTime } from './work.ts';

const key = platformKey();

const answerTo = (orderId: string): Buffer =>
  sealedReply(
    {
      accessType: '0',
      bizType: '000902',
      currencyCode: '156',
      encoding: 'UTF-8',
      merId,
      orderId,
      queryId: '442611221049247846498',
      respCode: '00',
      respMsg: '成功[0000000]',
      signMethod: '01',
      txnAmt: '900',
      txnSubType: '01',
      txnTime,
      txnType: '01',
      version: '5.1.0',
    },
    key,
  );

/** An underscore is no letter or digit: UnionPay's numbers leave it out. */
const answers = new Map(orderIds.map((id) => [id, answerTo(id.replace('_', '00'))]));
const unknown = Buffer.from('Invalid request.');
const headers = { 'content-type': 'text/html;charset=UTF-8' };

serveReplies({
  replyTo: (text) => {
    const number = /orderId=order00(\d+)/.exec(text)?.[1];
    return { headers, body: answers.get(`order_${number}`) ?? unknown };
  },
});
