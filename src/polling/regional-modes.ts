/**
 * Which projects are in regional mode: each is asked once an hour, one after the other, so that ten thousand projects
 * are no burst and the polls hardly notice. A look-up that fails keeps the last answer.
 */
import type { Clock } from '../domain/time.ts';

export interface RegionalModes extends AsyncDisposable {
  /** Whom to ask, and by which credential. What comes new is asked soon, what stays keeps its turn. */
  configure(credentials: ReadonlyMap<string, string>): void;
}

export interface RegionalModesParts {
  readonly clock: Clock;
  /** Whether the project is in regional mode, or throws. */
  fetch(credential: string, projectId: string, signal: AbortSignal): Promise<boolean>;
  /** What was learned since the last call: at once, but for a while together with what comes soon after it. */
  learned(modes: ReadonlyMap<string, boolean>): void;
  failed(projectId: string, thrown: unknown): void;
  readonly times?: typeof usualTimes;
}

/** In ms. */
const usualTimes = {
  /** The first polls go first. */
  firstAfter: 2_000,
  every: 60 * 60 * 1000,
  againAfter: 5 * 60 * 1000,
  /** From the end of one to the begin of the next: ten thousand projects take about an hour. */
  between: 250,
  /** Each time that something is learned costs a look at all projects. */
  together: 15_000,
  /** One that waits longer, for a limit or an answer, lets the others go on. */
  longest: 30_000,
};

/** One walk for each credential: where one waits, the others go on. */
export function createRegionalModes({ times = usualTimes, ...parts }: RegionalModesParts): RegionalModes {
  const walks = new Map<string, Walk>();
  const controller = new AbortController();
  let learned = new Map<string, boolean>();
  let toldAt = Number.NEGATIVE_INFINITY;
  let telling: NodeJS.Timeout | undefined;

  const tell = () => {
    const modes = learned;
    learned = new Map();
    toldAt = parts.clock.monotonic();
    telling = undefined;
    parts.learned(modes);
  };
  const learn = (projectId: string, enabled: boolean) => {
    learned.set(projectId, enabled);
    telling ??= setTimeout(tell, Math.max(0, toldAt + times.together - parts.clock.monotonic())).unref();
  };
  const ask = async (credential: string, projectId: string): Promise<number> => {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException('Given up', 'TimeoutError')), times.longest);
    try {
      const signal = AbortSignal.any([controller.signal, late.signal]);
      learn(projectId, await parts.fetch(credential, projectId, signal));
      return times.every;
    } catch (thrown) {
      if (!controller.signal.aborted) parts.failed(projectId, thrown);
      return times.againAfter;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    configure(credentials) {
      const wanted = Map.groupBy(credentials, ([, credential]) => credential);
      for (const [credential, walk] of walks) if (!wanted.has(credential)) walk.arrange([]);
      for (const [credential, entries] of wanted) {
        const walk = walks.get(credential) ?? createWalk((projectId) => ask(credential, projectId), times, parts.clock);
        walk.arrange(entries.map(([projectId]) => projectId));
        walks.set(credential, walk);
      }
    },
    async [Symbol.asyncDispose]() {
      controller.abort();
      clearTimeout(telling);
      await Promise.all([...walks.values()].map((walk) => walk[Symbol.asyncDispose]()));
    },
  };
}

interface Walk extends AsyncDisposable {
  arrange(projectIds: readonly string[]): void;
}

/** Asks whoever is due, one at a time; `ask` resolves with the ms after which it is due again. */
function createWalk(ask: (projectId: string) => Promise<number>, times: typeof usualTimes, clock: Clock): Walk {
  let dueAt = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let closed = false;

  const step = async (projectId: string): Promise<void> => {
    const againAfter = await ask(projectId);
    if (dueAt.has(projectId)) dueAt.set(projectId, clock.monotonic() + againAfter);
    running = null;
    arm(times.between);
  };
  const arm = (atLeastMs: number) => {
    clearTimeout(timer);
    if (closed || running || dueAt.size === 0) return;
    const next = soonest(dueAt);
    const start = () => {
      running = step(next.projectId);
    };
    timer = setTimeout(start, Math.max(atLeastMs, next.at - clock.monotonic()));
    timer.unref();
  };

  return {
    arrange(projectIds) {
      const first = clock.monotonic() + times.firstAfter;
      dueAt = new Map(projectIds.map((id) => [id, dueAt.get(id) ?? first]));
      arm(0);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

function soonest(dueAt: ReadonlyMap<string, number>): { readonly projectId: string; readonly at: number } {
  let next = { projectId: '', at: Number.POSITIVE_INFINITY };
  for (const [projectId, at] of dueAt) if (at < next.at) next = { projectId, at };
  return next;
}
