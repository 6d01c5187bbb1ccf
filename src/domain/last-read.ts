/**
 * The last time that an element could be read. A change that is found after a time in which it could not be read happened at
 * any moment of that time.
 */
export interface Remembering {
  /** Wall ms of the last good poll that could read it, while it cannot be read. */
  readonly lastRead?: number | undefined;
}

interface Readable {
  readonly unreadable?: string;
}

/** After when a change of a thing happened: the last good poll before that could read it; null when none is known. Wall ms. */
export function notBeforeOf(
  history: Remembering | undefined,
  was: Readable | undefined,
  looked: number | null,
): number | null {
  return was?.unreadable === undefined ? looked : (history?.lastRead ?? null);
}

/** `looked`: wall ms of the last good poll before this one. */
export function keepLastRead<H extends Remembering>(
  history: H,
  was: Readable | undefined,
  is: Readable | undefined,
  looked: number | null,
): H {
  if (is?.unreadable === undefined)
    return history.lastRead === undefined ? history : { ...history, lastRead: undefined };
  if (!was || was.unreadable !== undefined || looked === null) return history;
  return { ...history, lastRead: looked };
}
