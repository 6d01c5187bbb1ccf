/** An estate of any size as a target of Prometheus, while all is well, while everything is broken, and once everything is gone. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection } from '../../src/domain/snapshot.ts';
import { aConnection, anInterfaceEndpoint } from './builders.ts';
import { type Phase, tell } from './rule-story.ts';

export const estatePhases = ['well', 'broken', 'gone'] as const;
export type EstatePhase = (typeof estatePhases)[number];

/** A line of the exposition: its series, and its value or that it is the time of now. */
type Line = readonly [series: string, value: number | 'now'];
export type Estate = Readonly<Record<EstatePhase, readonly Line[]>>;

const clouds = ['AWS', 'AZURE', 'GCP'] as const;

function connectionsOf(
  phase: EstatePhase,
  perCloud: number,
  word: string,
  cloudProvider: (typeof clouds)[number],
): readonly Connection[] {
  const errorMessage = phase === 'well' ? null : 'Interface endpoint vpce-0123456789abcdef0 was not found.';
  const status = phase === 'well' ? 'AVAILABLE' : 'FAILED';
  const ofOne = { status, errorMessage };
  if (phase === 'gone') return [];
  return Array.from({ length: perCloud }, (_, index) =>
    aConnection(`${word}-${cloudProvider}-${index}`, {
      ...{ ...ofOne, cloudProvider },
      interfaceEndpoints: [anInterfaceEndpoint(`vpce-${index}`, ofOne, cloudProvider)],
    }),
  );
}

/**
 * What is scraped of so many projects, each with the same number of connections on each of three clouds, and an interface endpoint
 * for each connection: each is polled once, and what is gone was there at the poll before.
 */
export async function estateOf(projects: number, connectionsOfProject: number): Promise<Estate> {
  const perCloud = connectionsOfProject / clouds.length;
  if (!Number.isInteger(perCloud)) throw new Error(`${connectionsOfProject} connections are not as many on each cloud`);
  const words = Array.from({ length: projects }, (_, index) => `p${index}`);
  const during = (phase: EstatePhase): Phase => ({
    minutes: 1,
    polls: Object.fromEntries(
      words.flatMap((word) => clouds.map((cloud) => [`${word}/${cloud}`, connectionsOf(phase, perCloud, word, cloud)])),
    ),
  });
  const linesOf = async (...phases: readonly EstatePhase[]) =>
    [...(await tell(phases.map(during)))].flatMap(([series, values]): readonly Line[] => {
      const value = values.at(-1) ?? null;
      if (value === null) return [];
      return [[series, /^\w+_(last_success|removed)_timestamp_seconds\{/.test(series) ? 'now' : value]];
    });
  return { well: await linesOf('well'), broken: await linesOf('well', 'broken'), gone: await linesOf('well', 'gone') };
}

export interface ServedEstate extends AsyncDisposable {
  /** As in `127.0.0.1:27900`. It has labels of its own: `honor_labels`. */
  readonly address: string;
  /** What is gone went at the moment of this call. */
  show(phase: EstatePhase): void;
}

export async function serveEstate(estate: Estate): Promise<ServedEstate> {
  const fixed = new Map(
    estatePhases.map((phase) => [
      phase,
      estate[phase].map(([series, value]) => (value === 'now' ? '' : `${series} ${value}\n`)).join(''),
    ]),
  );
  let shown: EstatePhase = 'well';
  let since = Date.now();
  const server = createServer((_request, response) => {
    const moving = estate[shown].flatMap(([series, value]) => {
      if (value !== 'now') return [];
      return [`${series} ${(series.includes('_removed_') ? since : Date.now() - 1_000) / 1_000}\n`];
    });
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end((fixed.get(shown) ?? '') + moving.join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    show(phase) {
      shown = phase;
      since = Date.now();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Cost {
  /** By group: the seconds of each evaluation that was seen. */
  readonly groups: ReadonlyMap<string, readonly number[]>;
  /** CPU seconds of the whole Prometheus for each evaluation of all groups, with the scrape before it: the same on a busy machine. */
  readonly cpu: number;
  /** How many alerts there were at last. */
  readonly alerts: number;
}

/** What Prometheus says of itself, by group: `prometheus_rule_group_…{rule_group="file;group"}`. */
function ofGroups(page: string, metric: string): ReadonlyMap<string, number> {
  const lines = page.matchAll(new RegExp(`^prometheus_rule_${metric}\\{rule_group="[^"]*;([^";]+)"\\} (\\S+)$`, 'gm'));
  return new Map([...lines].map(([, group = '', value]) => [group, Number(value)]));
}

/** How many alerts there are, waiting or firing. */
export async function countAlerts(url: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent('count(ALERTS)')}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1] ?? 0);
}

/** Watches a Prometheus until each group was evaluated so many times. Throws an Error when a rule could not be evaluated. */
export async function watchRules(url: string, evaluations: number): Promise<Cost> {
  const groups = new Map<string, number[]>();
  const last = new Map<string, number>();
  let began: readonly [cpu: number, evaluations: number] | undefined;
  let ended: readonly [cpu: number, evaluations: number] = [0, 0];
  const enough = () => groups.size > 0 && [...groups.values()].every((times) => times.length > evaluations);
  for (const end = Date.now() + 1_800_000; Date.now() < end && !enough(); ) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const page = await (await fetch(`${url}/metrics`)).text();
    const failed = [...ofGroups(page, 'evaluation_failures_total')].filter(([, count]) => count > 0);
    if (failed.length > 0) throw new Error(`Rules of ${failed.map(([group]) => group).join(', ')} cannot be evaluated`);
    const durations = ofGroups(page, 'group_last_duration_seconds');
    const missed = ofGroups(page, 'group_iterations_missed_total');
    const done = [...ofGroups(page, 'group_iterations_total')].map(
      ([group, count]) => count - (missed.get(group) ?? 0),
    );
    ended = [Number(/^process_cpu_seconds_total (\S+)$/m.exec(page)?.[1]), Math.min(...done)];
    began ??= ended;
    for (const [group, at] of ofGroups(page, 'group_last_evaluation_timestamp_seconds')) {
      const times = groups.get(group) ?? [];
      groups.set(group, times);
      if (last.get(group) === at || !(at > 0)) continue;
      last.set(group, at);
      times.push(durations.get(group) ?? Number.NaN);
    }
  }
  if (!enough()) throw new Error(`Not all groups were evaluated ${evaluations} times within half an hour`);
  return {
    // The first one was before anybody looked.
    groups: new Map([...groups].map(([name, times]) => [name, times.slice(1)])),
    cpu: (ended[0] - (began?.[0] ?? 0)) / (ended[1] - (began?.[1] ?? 0)),
    alerts: await countAlerts(url),
  };
}
