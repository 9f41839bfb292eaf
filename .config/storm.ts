/**
 * workspace · storm: the laws under many seeds, one after the other. `npm run storm:laws -- 100`
 * tries the seeds 1 to 100, `npm run storm:laws -- 100 350` those from 100 to 350. Ends at the first
 * that fails.
 */
import { countOf, examine, summaryOf } from '@polyrail/conformance';
import { referenceSubject } from '../conformance/test/reference/subject.ts';
import { alipaySubject } from '../packages/alipay/test/subject.ts';
import { unionPaySubject } from '../packages/unionpay/test/subject.ts';
import { wechatPaySubject } from '../packages/wechatpay/test/subject.ts';
import { wechatPayV2Subject } from '../packages/wechatpay-v2/test/subject.ts';

const numbers = process.argv.slice(2).map(Number);
const [first = 1, last = 20] = numbers.length === 1 ? [1, ...numbers] : numbers;
if (![first, last].every(Number.isSafeInteger) || first > last) {
  console.error('Usage: npm run storm:laws -- [FIRST] LAST, both whole numbers');
  process.exit(2);
}

for (let seed = first; seed <= last; seed += 1) {
  const subjects = [
    referenceSubject,
    () => alipaySubject('key'),
    () => alipaySubject('certificate'),
    () => alipaySubject('v3'),
    () => wechatPaySubject('public-key'),
    () => wechatPaySubject('certificate'),
    () => wechatPaySubject('papay'),
    () => wechatPayV2Subject('HMAC-SHA256'),
    () => wechatPayV2Subject('MD5'),
    () => wechatPayV2Subject('papay'),
    () => wechatPayV2Subject('payouts'),
    () => unionPaySubject('rsa'),
  ];
  for (const subject of subjects) {
    const report = await examine(subject() as ReturnType<typeof referenceSubject>, { seed });
    console.log(summaryOf(report));
    if (countOf(report, 'FAIL') === 0) continue;
    for (const { verdict, id, reason } of report.results) {
      if (verdict === 'FAIL') console.log(`${id}: ${reason}`);
    }
    process.exit(1);
  }
}
