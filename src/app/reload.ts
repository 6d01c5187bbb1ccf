/** A new config, put into effect in one step or not at all. */

export type ReloadResult = { readonly ok: true } | { readonly ok: false; readonly problems: string };

export interface ReloadParts<C> {
  /** Reads and validates; never throws for what a user wrote. */
  load(): Promise<{ readonly ok: true; readonly config: C } | { readonly ok: false; readonly problems: string }>;
  /** What of the new config needs a restart, in words; null when nothing does. */
  needsRestart(config: C): string | null;
  /** Puts a valid config into effect; what it throws is a defect. */
  apply(config: C): void;
  tell(result: ReloadResult): void;
}

/** Reloads that are asked for while one runs become one more after it. */
export function createReloader<C>(parts: ReloadParts<C>): () => Promise<ReloadResult> {
  const once = async (): Promise<ReloadResult> => {
    const loaded = await parts.load();
    const restart = loaded.ok ? parts.needsRestart(loaded.config) : null;
    const result: ReloadResult = !loaded.ok
      ? { ok: false, problems: loaded.problems }
      : restart !== null
        ? { ok: false, problems: restart }
        : { ok: true };
    if (loaded.ok && result.ok) parts.apply(loaded.config);
    parts.tell(result);
    return result;
  };

  let running: Promise<ReloadResult> | null = null;
  let next: Promise<ReloadResult> | null = null;
  const begin = (): Promise<ReloadResult> => {
    const current = once().finally(() => {
      if (running === current) running = null;
    });
    running = current;
    return current;
  };
  return () => {
    if (running === null) return begin();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null;
        return begin();
      });
    return next;
  };
}
