/** The path is not usable. The message says to a person what is wrong and what to do. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** The disk does not do what is asked of it now; it may again. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** The file does not hold what we would have written. */
export class UnsoundError extends Error {
  override readonly name = 'UnsoundError';
}
