/**
 * Stories for tests of alert rules: what polls saw, minute by minute, becomes the series that Prometheus would have
 * scraped, by way of the exporter's own reducer and writer. So the rules are tested on what the exporter really says.
 */

import { expire, recordPoll, type SourceState, unpolled } from '../../src/domain/poll.ts';
import type { Source } from '../../src/domain/source.ts';
import type { CloudProvider } from '../../src/domain/status.ts';
import type { Instant } from '../../src/domain/time.ts';
import { createExposition } from '../../src/exposition/exposition.ts';
import type { OwnFamily } from '../../src/metrics/family.ts';
import { aSource, outcomeOf, type Poll } from './builders.ts';
import { seriesOf } from './exposition-parser.ts';
import { type Probed, toProbeSamples } from './probed-series.ts';

/** Some minutes in which polls always come to the same. */
export interface Phase {
  readonly minutes: number;
  /** What the polls of each watched source come to; null: none ends. Sources are called `project/PROVIDER`. */
  readonly polls: Readonly<Record<string, Poll | null>>;
  /** The same for one pod, where it sees it otherwise. */
  readonly pollsOf?: Readonly<Record<string, Phase['polls']>>;
  /** Who is scraped; nobody is a gap. A name that the phase before did not have is a new process. */
  readonly pods?: readonly string[];
  /** Targets that do not answer. */
  readonly down?: readonly string[];
  /** New processes do not find the state that the old one left. */
  readonly lost?: true;
  /** The pods poll, and nobody scrapes them. */
  readonly unscraped?: true;
  /** `metrics.errorMessageText: false`. */
  readonly hideText?: true;
  /** The exporter's own families, instead of the usual ones. */
  readonly own?: Own;
  /** The same for one pod. */
  readonly ownOf?: Readonly<Record<string, Own>>;
  /** What a pod calls a project, instead of the story's own word: `{ b: { payments: 'payments-prod' } }`. */
  readonly names?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Look-ups of names and organizations fail, and none is known. */
  readonly nameless?: true;
  /** `projects[].labels` of the config. */
  readonly projectLabels?: Readonly<Record<string, string>>;
  /** How many of 50 nodes each project has behind PrivateLink. */
  readonly limitUsage?: Readonly<Record<string, number>>;
  /** Whether each project is in regional mode, where that was looked up. */
  readonly regionalMode?: Readonly<Record<string, boolean>>;
  /** The minute of the story at which connections that Atlas announced an end of are served no longer. */
  readonly sunset?: number;
  /** Projects that discovery no longer lists, and since which minute of the story. */
  readonly removed?: Readonly<Record<string, number>>;
  /** What a prober finds, whoever else is scraped. */
  readonly probed?: readonly Probed[];
}

/** Minutes in which no exporter is scraped. */
export function gap(minutes: number): Phase {
  return { minutes, polls: {}, pods: [] };
}

/** By the end of the family's name; null: it is missing. */
export type Own = Readonly<Record<string, OwnValue | ((minute: number) => OwnValue)>>;
type OwnValue =
  | number
  | null
  | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

/** Series as promtool wants them: the value of each minute, null where there is none. */
export type Series = ReadonlyMap<string, readonly (number | null)[]>;

type States = ReadonlyMap<string, SourceState>;

/** When stories begin, in minutes: late enough that a stamp of 0 is long ago. */
export const startMinute = 70;
export const organization = '5a1b2c3d4e5f60718293a4b5';
/** Labels of the target by which rules tell one exporter from another. */
export const target = { job: 'atlas', namespace: 'monitoring' };
const limits = { staleAfterMs: 15 * 60_000, tombstoneForMs: 24 * 3_600_000 };

/** The id of the project that a story calls by this word. */
export function projectId(word: string): string {
  return Buffer.from(word.padEnd(12, '.')).toString('hex').slice(0, 24);
}

/** The series that the phases make, one after the other. `sources`: those that are not the usual ones. */
export async function tell(phases: readonly Phase[], sources: Readonly<Record<string, Source>> = {}): Promise<Series> {
  const series = new Map<string, (number | null)[]>();
  /** When each pod read its config, and what it watches by it: it watches something else by another config only. */
  const configs = new Map<string, { readonly at: number; readonly watched: string }>();
  const add = (name: string, value: number, minute: number) => {
    const values = series.get(name) ?? [];
    series.set(name, values);
    values.push(...Array(minute - values.length).fill(null), value);
  };
  let pods: ReadonlyMap<string, States> = new Map();
  let stored: States = new Map();
  let minute = startMinute;
  for (const phase of phases) {
    const found = phase.lost ? new Map() : stored;
    pods = new Map((phase.pods ?? ['a']).map((pod) => [pod, pods.get(pod) ?? found]));
    for (const end = minute + phase.minutes; minute < end; minute += 1) {
      pods = new Map(
        [...pods].map(([pod, states]) => {
          const polls = phase.pollsOf?.[pod] ?? phase.polls;
          return [pod, pollAll(polls, sources, states, instant(minute))];
        }),
      );
      for (const [pod, states] of pods) {
        const watched = Object.keys(phase.pollsOf?.[pod] ?? phase.polls).join();
        const config = configs.get(pod);
        const same = config !== undefined && (config.watched === watched || phase.removed !== undefined);
        const configAt = same ? config.at : minute;
        configs.set(pod, { at: configAt, watched });
        if (phase.unscraped) continue;
        for (const [name, value] of await scrape(pod, phase, sources, states, minute, configAt))
          add(name, value, minute);
        add(seriesOf('up', podLabels(pod)), 1, minute);
      }
      for (const [name, value] of toProbeSamples(phase.probed ?? [])) add(name, value, minute);
      for (const pod of phase.down ?? []) add(seriesOf('up', podLabels(pod)), 0, minute);
    }
    stored = [...pods.values()].at(-1) ?? stored;
  }
  for (const values of series.values()) values.push(...Array(minute - values.length).fill(null));
  return series;
}

function instant(minute: number): Instant {
  return { wall: minute * 60_000, monotonic: minute * 60_000 };
}

function sourceOf(name: string, sources: Readonly<Record<string, Source>>): Source {
  const [project = '', cloudProvider] = name.split('/');
  return (
    sources[name] ?? aSource({ projectId: projectId(project), cloudProvider: (cloudProvider ?? '') as CloudProvider })
  );
}

function pollAll(
  polls: Phase['polls'],
  sources: Readonly<Record<string, Source>>,
  states: States,
  now: Instant,
): States {
  return new Map(
    Object.entries(polls).map(([name, poll]) => {
      const source = sourceOf(name, sources);
      const before = states.get(name) ?? unpolled;
      return [name, expire(poll === null ? before : afterPoll(source, before, poll, now), now, limits)];
    }),
  );
}

function afterPoll(source: Source, state: SourceState, poll: Poll, now: Instant): SourceState {
  return recordPoll(source, state, outcomeOf(source, poll), now).state;
}

async function scrape(
  pod: string,
  phase: Phase,
  sources: Readonly<Record<string, Source>>,
  states: States,
  minute: number,
  configAt: number,
): Promise<readonly (readonly [string, number])[]> {
  const { polls, pollsOf = {}, own, ownOf = {}, names = {}, projectLabels = {}, removed = {}, limitUsage = {} } = phase;
  const { hideText, nameless, regionalMode = {}, sunset } = phase;
  const exposition = createExposition({
    errorMessageText: () => hideText !== true,
    clock: { wall: () => minute * 60_000, monotonic: () => minute * 60_000 },
    yieldTurn: async () => {},
  });
  const words = [...new Set(Object.keys(pollsOf[pod] ?? polls).map((name) => name.split('/')[0] ?? ''))];
  const pieces = await exposition.render(
    {
      revision: 0,
      sources: [...states].map(([name, state]) => ({ source: sourceOf(name, sources), state })),
      projects: words.map((word) => ({
        id: projectId(word),
        name: nameless ? projectId(word) : (names[pod]?.[word] ?? word),
        orgId: nameless ? '' : organization,
        labels: projectLabels,
        facts: {
          regionalMode: regionalMode[word] ?? null,
          limits:
            limitUsage[word] === undefined
              ? null
              : [{ limit: 'nodes_per_private_link_region' as const, value: 50, usage: limitUsage[word] }],
        },
      })),
      removedProjects: Object.entries(removed).map(([word, at]) => ({
        id: projectId(word),
        removedAt: (startMinute + at) * 60_000,
      })),
      own: async () =>
        ownFamilies({ config_last_reload_success_timestamp_seconds: configAt * 60, ...own, ...ownOf[pod] }, minute),
    },
    'text',
  );
  const isSunset = (series: string) => /_sunset_timestamp_seconds\{/.test(series);
  return toSamples(Buffer.concat(pieces).toString(), podLabelText(pod)).map(([series, value]) =>
    sunset !== undefined && isSunset(series) ? [series, (startMinute + sunset) * 60] : [series, value],
  );
}

/** What promtool takes for a series is a line of the exposition without its value. */
function toSamples(text: string, ofPod: string): readonly (readonly [string, number])[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const end = line.lastIndexOf(' ');
      const series = line[end - 1] === '}' ? `${line.slice(0, end - 1)},` : `${line.slice(0, end)}{`;
      return [`${series}${ofPod}}`, Number(line.slice(end + 1))] as const;
    });
}

function podLabels(pod: string) {
  return {
    ...target,
    ...{ service: 'exporter', instance: `${pod}:27900`, pod, container: 'exporter', endpoint: 'http' },
    // Labels of pods as target labels: some are those of the release, and change with each upgrade.
    ...{ node: `node-${pod}`, controller_revision_hash: `of-${pod}`, statefulset_kubernetes_io_pod_name: pod },
  };
}

function podLabelText(pod: string): string {
  return seriesOf('', podLabels(pod)).slice(1, -1);
}

function ownFamilies(own: Own, minute: number): readonly OwnFamily[] {
  const usual = {
    build_info: 1,
    shard_ordinal: 0,
    total_shards: 1,
    state_last_save_successful: 1,
    config_last_reload_successful: 1,
  };
  return Object.entries<Own[string]>({ ...usual, ...own }).flatMap(([name, told]): OwnFamily[] => {
    const value = typeof told === 'function' ? told(minute - startMinute) : told;
    if (value === null) return [];
    const samples = typeof value === 'number' ? [{ labels: {}, value }] : value;
    return [
      {
        name: `mongodb_atlas_exporter_${name}`,
        help: 'Test',
        type: name.endsWith('_total') ? 'counter' : 'gauge',
        samples: samples.map((sample) => ({ suffix: '', ...sample })),
      },
    ];
  });
}
