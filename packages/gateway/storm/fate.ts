/** gateway storm · fate: where processes die and stores fail, as the scripts of the payments have it. */
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

/** Whether and where the process of a seat dies, or its store fails, by the scripts. */
export function createFate(
  world: World,
  { restart, failOver }: Afterlife,
): (seat: number) => Witness {
  const { judge, chronicle, scripts, town } = world;
  const passes = new Map<string, number>();
  let lastDied = -1;
  /** How often a payment has come by a place, this time included. */
  const passOf = (payment: number | undefined, place: string): number => {
    const name = `${payment} ${place}`;
    const pass = (passes.get(name) ?? 0) + 1;
    passes.set(name, pass);
    return pass;
  };
  const scriptFor = (errand: Errand | undefined) =>
    world.calm ? undefined : scripts.get(errand?.payment ?? -1);
  return (seat) => ({
    strikes(point, errand) {
      const crashes = scriptFor(errand)?.crashes ?? [];
      if (crashes.length === 0) return false;
      const pass = passOf(errand?.payment, point);
      return crashes.some((crash) => crash.point === point && crash.pass === pass);
    },
    fails(when, errand) {
      const troubles = scriptFor(errand)?.troubles ?? [];
      if (troubles.length === 0) return false;
      const payment = errand?.payment;
      const pass = passOf(payment, `store ${when}`);
      if (!troubles.some((trouble) => trouble.when === when && trouble.pass === pass)) return false;
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
      if (lastDied === payment) chronicle.count('double crash');
      lastDied = payment;
      world.processes.delete(seat);
      town.clock.schedule(crash?.downMs ?? 0, () => void restart(seat));
      if (world.processes.size > 0) town.clock.schedule(failOverMs, failOver);
    },
  });
}
