/** The path is not usable. The message says to a person what is wrong and what to do. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** The disk does not take writes now; it may again. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
}
