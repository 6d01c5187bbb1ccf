import type { RecordedChange } from '../../domain/change-log.ts';
import type { FleetView } from '../../domain/view.ts';
import type { Question } from '../facts/question.ts';
import type { Row } from '../facts/standing.ts';
import type { Survey } from '../facts/survey.ts';
import type { Stretch } from '../facts/timeline.ts';
import type { Remedy } from '../remedies.ts';
import type { ChangesListOptions } from './changes-list.ts';
import type { Consoles } from './consoles.ts';

/** Everything that a page is drawn from. */
export interface StatusPage {
  /** The whole fleet, or the one project of the page. */
  readonly view: FleetView;
  readonly surveyed: Survey;
  readonly question: Question;
  readonly classOf: ChangesListOptions['classOf'];
  readonly runbookUrl: RunbookUrl;
  /** Where to look at a thing itself. */
  readonly consoles: Consoles;
  /** The changes of these projects, the newest first. */
  readonly changesOf: (projectIds: readonly string[]) => Promise<readonly RecordedChange[]>;
  /** The newest changes, the newest first. */
  readonly latest: readonly RecordedChange[];
}

/** The runbook of a remedy, with the ids of a connection where it is about one. */
export type RunbookUrl = (remedy: Remedy, row?: Row) => string;

/** The surroundings of every connection on a page. */
export interface Scene {
  /** Wall ms. */
  readonly now: number;
  readonly stretch: Stretch;
  /** The changes of a row and its interface endpoints, the oldest first. */
  readonly changesOf: (row: Row) => readonly RecordedChange[];
  readonly classOf: ChangesListOptions['classOf'];
  readonly runbookUrl: RunbookUrl;
  readonly consoles: Consoles;
  /** Whether each row names its project. */
  readonly named: boolean;
}

/** The id of a row's element, which is also the anchor of links to it. */
export function rowId({ source, connection }: Row): string {
  return `c.${source.source.key}.${connection.id}`.replace(/[^\w-]+/g, '.');
}
