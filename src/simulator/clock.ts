/** The simulator's clock. Nonces, tokens, buckets, delays and the scenario follow it, so that tests can hold and step it. */
export interface SimulatorClock {
  /** Wall ms. */
  now(): number;
  /** Runs once after the delay; the result cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: SimulatorClock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
