/** The regional mode of projects, as it is kept: a flip is a change, stored with the mode before either is shown. */
import type { RecordedChange } from '../domain/change-log.ts';
import type { Learned, ProjectFacts } from '../domain/lookup.ts';
import type { StoredProject } from '../domain/stored.ts';
import type { Clock } from '../domain/time.ts';
import type { Fleet } from './fleet.ts';

export type FactsOf = (projectId: string) => Partial<ProjectFacts> | undefined;

export interface RegionalModes {
  /** Takes over what look-ups told. A flip is shown once it is stored; what comes meanwhile waits behind it. */
  learn(news: Learned): void;
  /** The modes that an earlier process knew. */
  restore(projects: readonly StoredProject[]): void;
  /** When the mode of a project was read last, in wall ms; null when it is not known. */
  readAt(projectId: string): number | null;
  /** Grows at most every five minutes, when modes were read: the times of ten thousand projects are written together. */
  revision(): number;
}

export interface RegionalModesParts {
  readonly clock: Clock;
  readonly fleet: Pick<Fleet, 'learn' | 'learned'>;
  /** Stores flips together with what is known of all projects after them. Does not reject. */
  commit(flips: readonly RecordedChange[], factsOf: FactsOf): Promise<void>;
  nextChangeId(): number;
  flipped(change: RecordedChange): void;
}

const writtenTogetherMs = 5 * 60 * 1000;

export function createRegionalModes({ clock, fleet, ...parts }: RegionalModesParts): RegionalModes {
  const readAt = new Map<string, number>();
  let revision = -1;
  let turn: Promise<void> | null = null;

  /** The flips among the news; each is compared with what is shown now. */
  const flipsIn = (news: Learned): readonly RecordedChange[] => {
    const at = clock.wall();
    return [...(news.projects ?? [])].flatMap(([atlas_project_id, { regionalMode: is = null }]) => {
      const was = fleet.learned(atlas_project_id)?.regionalMode ?? null;
      if (was === null || is === null || was === is) return [];
      const not_before = readAt.get(atlas_project_id) ?? null;
      const words = { type: 'regional_mode', from: modeWord(was), to: modeWord(is) } as const;
      return [{ id: parts.nextChangeId(), at, not_before, atlas_project_id, ...words }];
    });
  };
  const remember = (news: Learned) => {
    for (const [id, { regionalMode }] of news.projects ?? []) {
      if (regionalMode === null) readAt.delete(id);
      if (typeof regionalMode !== 'boolean') continue;
      readAt.set(id, clock.wall());
      revision = Math.floor(clock.monotonic() / writtenTogetherMs);
    }
  };
  const take = (news: Learned): Promise<void> | null => {
    const flips = flipsIn(news);
    remember(news);
    if (flips.length === 0) {
      fleet.learn(news);
      return null;
    }
    const factsOf: FactsOf = (id) => ({ ...fleet.learned(id), ...news.projects?.get(id) });
    return parts.commit(flips, factsOf).then(() => {
      fleet.learn(news);
      for (const flip of flips) parts.flipped(flip);
    });
  };

  return {
    learn(news) {
      const taken: Promise<void> | null = turn ? turn.then(() => take(news) ?? undefined) : take(news);
      turn = taken;
      void taken?.then(() => {
        if (turn === taken) turn = null;
      });
    },
    restore(projects) {
      const known = projects.flatMap(({ id, regionalMode }) =>
        regionalMode === null ? [] : [[id, { regionalMode: regionalMode.enabled }] as const],
      );
      // A time from the future says nothing of when it was.
      for (const { id, regionalMode } of projects)
        if (regionalMode) readAt.set(id, Math.min(regionalMode.readAt, clock.wall()));
      fleet.learn({ projects: new Map(known) });
    },
    readAt: (projectId) => readAt.get(projectId) ?? null,
    revision: () => revision,
  };
}

function modeWord(enabled: boolean): string {
  return enabled ? 'on' : 'off';
}
