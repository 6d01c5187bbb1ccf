/** The load of a plan: the requests that a config asks for, against its concurrency and the known limits of Atlas. */
import type { Project } from '../../domain/project.ts';
import { listsOf, scheduleOf } from '../../domain/status.ts';
import type { Config } from './config.ts';

export interface PlanLoad {
  /** Sentences for the output of `check`. */
  readonly lines: readonly string[];
  /** Why the plan cannot work; none when it can. */
  readonly problems: readonly string[];
}

/** The settings of a project that decide how much it asks for. */
type Wish = Pick<Project, 'kinds' | 'providers' | 'schedule' | 'slowSchedule'>;

interface Need {
  readonly requestsPerHour: number;
  /** `cluster AWS AZURE GCP, streams`. */
  readonly what: string;
}

/** The usual time of a request. */
export const secondsPerRequest = 0.15;
/** The known limit of Atlas for the private endpoints of one project. */
const bucketPerMinute = 4000;
const mostLines = 8;

/**
 * Lists, and the look-ups of a project with clusters, regional mode and limits, once an hour. Interface endpoints and clusters are further
 * requests of each poll, and nobody knows their number yet.
 */
export function planLoad(config: Config, runsPerHour: (schedule: string) => number): PlanLoad {
  const { concurrency, api } = config.atlas;
  const need = (wish: Wish) => needOf(wish, api, runsPerHour);
  const perCredential = Map.groupBy(config.projects, ({ credential }) => credential);
  const lines: string[] = [];
  const problems: string[] = [];
  const most = Math.floor((concurrency / secondsPerRequest) * 60);

  for (const [credential, projects] of perCredential) {
    const needs = projects.map((project) => ({ ...need(project), id: project.id }));
    const perMinute = needs.reduce((sum, { requestsPerHour }) => sum + requestsPerHour, 0) / 60;
    lines.push(
      `Credential '${credential}': ${count(projects.length)} for ${round(perMinute)} requests a minute; about ${most} fit into ${concurrency} in flight at ${secondsPerRequest * 1000} ms each`,
      ...alike(needs),
    );
    if (perMinute > most) {
      problems.push(
        `The plan cannot work: credential '${credential}' would need ${round(perMinute)} requests a minute where about ${most} fit; poll less often, name fewer providers or kinds, raise atlas.concurrency, or use more credentials`,
      );
    }
    const busiest = needs.reduce((a, b) => (b.requestsPerHour > a.requestsPerHour ? b : a));
    if (busiest.requestsPerHour / 60 > bucketPerMinute) {
      problems.push(
        `The plan cannot work: project ${busiest.id} would need ${round(busiest.requestsPerHour / 60)} requests a minute where Atlas gives ${bucketPerMinute}`,
      );
    }
  }
  for (const { organization, pollSchedule: schedule, ...entry } of config.discovery) {
    const { requestsPerHour, what } = need({ ...entry, schedule });
    lines.push(
      `Organization ${organization}: how many projects it has is not known yet; each asks for ${round(requestsPerHour)} requests an hour: ${what}`,
    );
  }
  if (api === 'v2' && config.poll.interfaceEndpoints)
    lines.push('Each interface endpoint of a cluster is one more request of each poll');
  const watched = new Set([...config.projects, ...config.discovery].flatMap(({ kinds }) => kinds));
  if (watched.has('connection_strings'))
    lines.push('Each cluster that seems to lack a private connection string is one more request of each poll');
  if (watched.has('managed_connection_strings'))
    lines.push('Each cluster is one more request of each poll of managed_connection_strings');
  if (config.poll.fastSchedule !== null)
    lines.push('What is in progress or being deleted is polled by poll.fastSchedule besides, for an hour at most');
  return { lines, problems };
}

/** One line for all projects that ask for the same; the greediest first. */
function alike(needs: readonly Need[]): readonly string[] {
  const groups = [...Map.groupBy(needs, ({ requestsPerHour, what }) => `${round(requestsPerHour)} ${what}`).values()];
  const sorted = groups.flatMap(([first, ...rest]) => (first ? [{ ...first, projects: rest.length + 1 }] : []));
  sorted.sort((a, b) => b.requestsPerHour - a.requestsPerHour);
  const shown = sorted.slice(0, mostLines).map(({ requestsPerHour, what, projects }) => {
    return `  ${round(requestsPerHour)} requests an hour and project: ${what} (${projects === 1 ? '1 project' : `${projects} projects`})`;
  });
  return sorted.length > mostLines ? [...shown, '  others ask for less'] : shown;
}

function needOf(
  { kinds, providers, ...schedules }: Wish,
  api: Config['atlas']['api'],
  runsPerHour: (s: string) => number,
): Need {
  const lists = kinds.flatMap((kind) => {
    const clouds = listsOf(kind).filter((cloud) => cloud === '' || providers.includes(cloud));
    return clouds.length === 0 ? [] : [{ kind, number: clouds.length, words: [kind, ...clouds].join(' ').trimEnd() }];
  });
  const perHour = lists.reduce((sum, { kind, number }) => sum + number * runsPerHour(schedules[scheduleOf(kind)]), 0);
  const lookups = api === 'v2' && lists.some(({ kind }) => kind === 'cluster') ? ['regional mode', 'limits'] : [];
  return {
    requestsPerHour: perHour + lookups.length,
    what: [...lists.map(({ words }) => words), ...lookups].join(', ') || 'nothing',
  };
}

function count(projects: number): string {
  return projects === 1 ? '1 project asks' : `${projects} projects ask`;
}

function round(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(value * 100) / 100;
}
