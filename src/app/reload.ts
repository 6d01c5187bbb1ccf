/** Reloads: the config files read again, on request and when one has changed, and put into effect part by part. */
import { watchFiles } from '../config/files.ts';
import type { SeenFile } from '../config/text-file.ts';
import type { ReloadStatus } from '../domain/reload.ts';

export type ReloadResult = { readonly ok: true } | { readonly ok: false; readonly problems: string };

type Attempt<T> =
  | { readonly ok: true; readonly value: T; readonly files: readonly SeenFile[] }
  | { readonly ok: false; readonly problems: string; readonly files: readonly SeenFile[] };

export interface ReloadPart<T> {
  /** The files that the part was read from at the start. */
  readonly files: readonly SeenFile[];
  /** Reads and checks again. What it throws is a defect. */
  load(): Promise<Attempt<T>>;
  /** Puts a checked value into effect; or changes nothing, and says why only a restart can. What it throws is a defect. */
  take(value: T): string | null;
  /** Hears of every attempt. `thrown` is what a defect threw. */
  tell(result: ReloadResult, thrown?: unknown): void;
}

export interface Reloader extends Disposable {
  /** Begins to look for changed files. What changed since the files were read counts. */
  follow(): void;
  /** Never rejects. A reload that is asked for while one runs follows it; many become one. */
  reload(): Promise<ReloadResult>;
  status(): ReloadStatus;
}

/** A part of a reload, without the type of its value. */
export interface Reloadable {
  readonly files: readonly SeenFile[];
  attempt(): Promise<{ readonly result: ReloadResult; readonly files: readonly SeenFile[] }>;
}

/** Joins what a part loads to what it takes. */
export function reloadable<T>({ files, load, take, tell }: ReloadPart<T>): Reloadable {
  const attempt = async () => {
    const loaded = await load();
    if (!loaded.ok) return { result: failure(loaded.problems), files: loaded.files };
    const refusal = take(loaded.value);
    return { result: refusal === null ? success : failure(refusal), files: loaded.files };
  };
  return {
    files,
    async attempt() {
      try {
        const done = await attempt();
        tell(done.result);
        return done;
      } catch (thrown) {
        const result = failure(`Unexpected error: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        tell(result, thrown);
        return { result, files: [] };
      }
    },
  };
}

const success: ReloadResult = { ok: true };

function failure(problems: string): ReloadResult {
  return { ok: false, problems };
}

export interface ReloaderOptions {
  /** Parts reload each for itself: a mistake in one does not hold up another. */
  readonly parts: readonly Reloadable[];
  /** The wall clock, in ms. */
  readonly now: () => number;
  readonly lookEveryMs?: number;
}

/**
 * Reloads all parts on request, and when a file of one has changed. After a failure the files in force are watched as well
 * as those of the failed attempt, because a change of either may mend it.
 */
export function createReloader({ parts, now, lookEveryMs }: ReloaderOptions): Reloader {
  let inForce = parts.map(({ files }) => files);
  let status: ReloadStatus = { successful: true, lastSuccessAt: now() };
  let running: Promise<ReloadResult> | null = null;
  let next: Promise<ReloadResult> | null = null;
  const watched = watchFiles(() => void reload(), lookEveryMs);

  const reloadParts = async (): Promise<ReloadResult> => {
    const attempts = await Promise.all(parts.map((part) => part.attempt()));
    const problems = attempts.flatMap(({ result }) => (result.ok ? [] : [result.problems]));
    const kept = attempts.flatMap(({ result }, index) => (result.ok ? [] : (inForce[index] ?? [])));
    watched.watch(
      attempts.flatMap(({ files }) => files),
      kept.map(({ path }) => path),
    );
    const successful = problems.length === 0;
    status = { successful, lastSuccessAt: successful ? now() : status.lastSuccessAt };
    inForce = attempts.map(({ result, files }, index) => (result.ok ? files : (inForce[index] ?? [])));
    return successful ? success : failure(problems.join('\n'));
  };
  const begin = (): Promise<ReloadResult> => {
    const current = reloadParts().finally(() => {
      if (running === current) running = null;
    });
    running = current;
    return current;
  };
  const reload = (): Promise<ReloadResult> => {
    if (running === null) return begin();
    next ??= running.then(() => {
      next = null;
      return begin();
    });
    return next;
  };

  return {
    follow: () => watched.watch(inForce.flat()),
    reload,
    status: () => status,
    [Symbol.dispose]: () => watched[Symbol.dispose](),
  };
}
