/** A moment on both clocks, in ms. `wall` only stamps; ages and waits are differences of `monotonic`. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

/** The two clocks of a process, in ms. */
export interface Clock {
  wall(): number;
  monotonic(): number;
}
