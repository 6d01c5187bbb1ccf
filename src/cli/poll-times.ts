/** How long a poll may take, against the time that its schedule leaves it: for the output of `check`. */
import { mostClients } from '../atlas/visit.ts';
import { secondsPerRequest } from '../config/exporter/arithmetic.ts';
import type { Config } from '../config/exporter/config.ts';
import type { Source } from '../domain/source.ts';
import { pollDeadlineMs } from '../polling/poll-deadline.ts';
import { counted } from './check-report.ts';

const mostLines = 8;

/** A sentence for each schedule of the config; the tightest first. */
export function pollTimeLines({ atlas, projects, discovery, poll }: Config): readonly string[] {
  const wishes = [...projects, ...discovery.map(({ pollSchedule: schedule, ...entry }) => ({ ...entry, schedule }))];
  const asksEach = atlas.api === 'v2' && poll.interfaceEndpoints;
  const clients = Math.min(mostClients, atlas.concurrency);
  const schedules = [...Map.groupBy(wishes, ({ schedule }) => schedule)].map(([schedule, all]) => {
    const least = pollDeadlineMs({ schedule }, 0) / 1000;
    const most = pollDeadlineMs({ schedule }, Number.POSITIVE_INFINITY) / 1000;
    return { schedule, least, most, asks: asksEach && all.some(({ kinds }) => kinds.includes('cluster')) };
  });
  const lines = schedules
    .toSorted((a, b) => a.most - b.most)
    .map(({ schedule, least, most, asks }) => {
      const start = `Schedule '${schedule}': a poll may take ${least} s`;
      if (!asks) return `${start} of the ${most} s that it leaves`;
      const fits = Math.floor((most / secondsPerRequest) * clients);
      const longer = most > least ? ', or a second for each interface endpoint of its list,' : '';
      return `${start}${longer} of the ${most} s that it leaves: about ${fits} interface endpoints of one list fit into them`;
    });
  return lines.length > mostLines ? [...lines.slice(0, mostLines), 'Other schedules leave more time'] : lines;
}

/** One list that was read. */
export interface ReadList {
  readonly source: Pick<Source, 'kind' | 'cloudProvider' | 'schedule'>;
  readonly project: string;
  /** How many details were asked for. */
  readonly details: number;
}

/** How long the poll with the most to ask for may take; null when none asks for details. */
export function longestPollLine(lists: readonly ReadList[]): string | null {
  const [longest] = lists.toSorted((a, b) => b.details - a.details);
  if (!longest || longest.details === 0) return null;
  const { source, project, details } = longest;
  const may = pollDeadlineMs(source, details) / 1000;
  const leaves = pollDeadlineMs(source, Number.POSITIVE_INFINITY) / 1000;
  const list = `${project}, ${source.kind} ${source.cloudProvider}`.trimEnd();
  return `Most to ask for: ${list} with ${counted(details, 'interface endpoint')}; a poll of it may take ${may} s of the ${leaves} s that '${source.schedule}' leaves`;
}
