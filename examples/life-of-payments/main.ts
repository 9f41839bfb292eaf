/** examples · life-of-payments: a merchant and a channel on one machine, from the code to the bill. */
import { parseArgs } from 'node:util';
import { badInput, certificateMode } from './acts/borders.ts';
import { brokenSignature } from './acts/doctor.ts';
import { lostReply, lostRequest } from './acts/doubt.ts';
import { gatewayRemembers } from './acts/gateway.ts';
import { lateMoney } from './acts/late.ts';
import { nextMorning } from './acts/morning.ts';
import { codeOnTheCounter, everyScene, payerHesitates } from './acts/paying.ts';
import { postOffice } from './acts/pushing.ts';
import { moneyGoesBack, soldByMistake } from './acts/returning.ts';
import { deposit, membership } from './acts/standing.ts';
import { cardAtUnionPay } from './acts/unionpay.ts';
import { wechatBesideAlipay } from './acts/wechat.ts';
import { type Act, play } from './play.ts';
import { stopSignal } from './stop-signal.ts';

const help = `Walks through the life of payments against simulators of payers on this machine.

  npm start                 tells the story, then keeps the simulator up until Ctrl-C
  npm start -- --once       tells the story and exits: 0 if every check holds, 1 if one does not
  npm start -- --help       prints this

Colours appear on a terminal; NO_COLOR=1 turns them off.
`;

const acts: readonly Act[] = [
  codeOnTheCounter,
  everyScene,
  payerHesitates,
  moneyGoesBack,
  soldByMistake,
  membership,
  deposit,
  lostReply,
  lostRequest,
  postOffice,
  lateMoney,
  badInput,
  brokenSignature,
  certificateMode,
  nextMorning,
  gatewayRemembers,
  wechatBesideAlipay,
  cardAtUnionPay,
];

const write = (text: string): void => void process.stdout.write(text);

async function main(words: string[]): Promise<0 | 1 | 2> {
  const options = { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ args: words, options });
    if (values.help) {
      write(help);
      return 0;
    }
    const colours = process.stdout.isTTY === true && !process.env['NO_COLOR'];
    return await play(acts, { write, colours, ...(values.once ? {} : { stopped: stopSignal }) });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const misspelt = String(Reflect.get(Object(error), 'code')).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(misspelt ? `${words}\n\n${help}` : `${words}\n`);
    return misspelt ? 2 : 1;
  }
}

// A reader that leaves early, such as `head`, changes nothing: the story ends as it ends.
process.stdout.on('error', () => undefined);
process.exitCode = await main(process.argv.slice(2));
