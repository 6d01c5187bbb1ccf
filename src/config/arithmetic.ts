/** What a plan asks of Atlas and of us, worked out before anybody is asked. */
import type { Project } from '../domain/project.ts';
import { listsOf } from '../domain/status.ts';
import type { Config } from './config.ts';

export interface PlanLoad {
  /** For people, one a line. */
  readonly lines: readonly string[];
  /** Why the plan cannot work; none when it can. */
  readonly problems: readonly string[];
}

/** What a request takes from here to Atlas and back, as a rule. */
const secondsPerRequest = 0.15;
/** What Atlas gives a project's private endpoints in a minute, as far as is known. */
const bucketPerMinute = 4000;

/** Only lists are counted: each interface endpoint is one more request of each poll, and nobody knows their number yet. */
export function planLoad(config: Config, runsPerHour: (schedule: string) => number): PlanLoad {
  const { concurrency, api } = config.atlas;
  const perCredential = Map.groupBy(config.projects, ({ credential }) => credential);
  const lines: string[] = [];
  const problems: string[] = [];
  const most = Math.floor((concurrency / secondsPerRequest) * 60);

  for (const [credential, projects] of perCredential) {
    const perMinute = projects.reduce((sum, project) => sum + requestsPerHour(project, runsPerHour), 0) / 60;
    lines.push(
      `Credential '${credential}': ${projects.length} projects ask for ${round(perMinute)} lists a minute (${round((perMinute * 60) / projects.length)} an hour and project); about ${most} requests a minute fit into ${concurrency} in flight at ${secondsPerRequest * 1000} ms each`,
    );
    if (perMinute > most) {
      problems.push(
        `The plan cannot work: credential '${credential}' would need ${round(perMinute)} requests a minute where about ${most} fit; poll less often, name fewer providers, raise atlas.concurrency, or use more credentials`,
      );
    }
    const busiest = projects.toSorted((a, b) => requestsPerHour(b, runsPerHour) - requestsPerHour(a, runsPerHour))[0];
    const ofBusiest = busiest ? requestsPerHour(busiest, runsPerHour) / 60 : 0;
    if (busiest && ofBusiest > bucketPerMinute) {
      problems.push(
        `The plan cannot work: project ${busiest.id} would need ${round(ofBusiest)} requests a minute where Atlas gives ${bucketPerMinute}`,
      );
    }
  }
  for (const { organization } of config.discovery) {
    lines.push(
      `Organization ${organization}: how many projects it has is not known yet; each asks for ${listsPerPoll({ ...config.poll, providers: ['AWS', 'AZURE', 'GCP'] })} lists a poll`,
    );
  }
  if (api === 'v2' && config.poll.interfaceEndpoints)
    lines.push('Each interface endpoint is one more request of each poll');
  return { lines, problems };
}

function requestsPerHour(project: Project, runsPerHour: (schedule: string) => number): number {
  return listsPerPoll(project) * runsPerHour(project.schedule);
}

function listsPerPoll({ kinds, providers }: Pick<Project, 'kinds' | 'providers'>): number {
  return kinds
    .flatMap((kind) => listsOf(kind))
    .filter((cloudProvider) => cloudProvider === '' || providers.includes(cloudProvider)).length;
}

function round(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(value * 100) / 100;
}
