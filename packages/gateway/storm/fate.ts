/** gateway storm · fate: where processes die, as the scripts of the payments have it. */
import type { TransportRequest } from '@polyrail/core';
import type { Errand } from './errand.ts';
import type { CrashPoint } from './mishaps.ts';
import type { Witness } from './session.ts';
import type { World } from './stage.ts';

/** UnionPay is asked for the certificate that hides a card before there is an attempt: nothing moves by that. */
const asksForCertificate = ({ body }: TransportRequest): boolean =>
  body !== undefined && /(?:^|&)txnType=95(?:&|$)/.test(Buffer.from(body).toString('latin1'));

export interface Afterlife {
  /** Another process takes the seat. */
  restart(seat: number): Promise<void>;
  /** What the dead has not answered is asked of others that live. */
  failOver(): void;
}

/** So long it takes until somebody is sent elsewhere. */
const failOverMs = 1000;

/** Whether and where the process of a seat dies, by the scripts. */
export function createFate(
  world: World,
  { restart, failOver }: Afterlife,
): (seat: number) => Witness {
  const { judge, chronicle, scripts, town } = world;
  const passes = new Map<string, number>();
  const last = { payment: -1, count: 0 };
  return (seat) => ({
    strikes(point, errand) {
      const payment = errand?.payment;
      const crashes = payment === undefined ? [] : (scripts.get(payment)?.crashes ?? []);
      if (crashes.length === 0 || world.calm) return false;
      const name = `${payment} ${point}`;
      const pass = (passes.get(name) ?? 0) + 1;
      passes.set(name, pass);
      return crashes.some((crash) => crash.point === point && crash.pass === pass);
    },
    fails(when, errand) {
      const payment = errand?.payment;
      const troubles = payment === undefined ? [] : (scripts.get(payment)?.troubles ?? []);
      if (troubles.length === 0 || world.calm) return false;
      const name = `${payment} store ${when}`;
      const pass = (passes.get(name) ?? 0) + 1;
      passes.set(name, pass);
      const strikes = troubles.some((trouble) => trouble.when === when && trouble.pass === pass);
      if (!strikes) return false;
      chronicle.note('store fails', when, payment ?? '-');
      chronicle.count('store failure');
      return true;
    },
    committed: (written) => judge.record.committed(written),
    sent(request, errand) {
      if (!asksForCertificate(request)) judge.sent(errand?.payment);
    },
    died(point: CrashPoint, errand: Errand | undefined) {
      const payment = errand?.payment ?? -1;
      const crash = scripts.get(payment)?.crashes.find((one) => one.point === point);
      chronicle.note('crash', point, payment);
      chronicle.count('crash');
      if (point === 'after-send') chronicle.count('crash between send and reply');
      if (last.payment === payment) chronicle.count('double crash');
      last.payment = payment;
      world.processes.delete(seat);
      town.clock.schedule(crash?.downMs ?? 0, () => void restart(seat));
      if (world.processes.size > 0) town.clock.schedule(failOverMs, failOver);
    },
  });
}
