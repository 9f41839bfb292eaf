/** gateway · postgres silent: graphile-worker's log goes nowhere; what matters comes as events. */
import { Logger } from 'graphile-worker';

export const silent = new Logger(() => () => undefined);
