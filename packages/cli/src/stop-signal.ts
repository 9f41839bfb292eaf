/** cli · stop-signal: waits for Ctrl-C or a polite kill, keeping the process alive meanwhile. */

const signals = ['SIGINT', 'SIGTERM'] as const;
const longMs = 2 ** 30;

/** Resolves at the first signal; the second one ends the process the hard way, as usual. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // Listeners of signals alone keep no process alive, and neither do simulators.
    const awake = setInterval(() => undefined, longMs);
    const stop = () => {
      clearInterval(awake);
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
