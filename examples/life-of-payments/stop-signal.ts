/** examples · stop-signal: waits for Ctrl-C or a polite kill, and keeps the process alive meanwhile. */
const longMs = 2 ** 30;

export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // Listeners of signals keep no process alive.
    const awake = setInterval(() => undefined, longMs);
    const stop = () => {
      clearInterval(awake);
      resolve();
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}
