import type { RecordedChange } from '../../domain/change-log.ts';
import type { FleetView } from '../../domain/view.ts';
import type { Question } from '../facts/question.ts';
import type { Row } from '../facts/standing.ts';
import type { Survey } from '../facts/survey.ts';
import type { Stretch } from '../facts/timeline.ts';
import type { Remedy } from '../remedies.ts';
import type { ChangesListOptions } from './changes-list.ts';

/** What a page is made of. */
export interface StatusPage {
  /** The fleet, or of it the one project that the page is about. */
  readonly view: FleetView;
  readonly surveyed: Survey;
  readonly question: Question;
  readonly classOf: ChangesListOptions['classOf'];
  readonly runbookUrl: (remedy: Remedy) => string;
  /** Of these projects, newest first. */
  readonly changesOf: (projectIds: readonly string[]) => Promise<readonly RecordedChange[]>;
  /** Newest first. */
  readonly latest: readonly RecordedChange[];
}

/** What every connection on a page is shown with. */
export interface Scene {
  /** Wall ms. */
  readonly now: number;
  readonly stretch: Stretch;
  /** Oldest first, those of its interface endpoints included. */
  readonly changesOf: (row: Row) => readonly RecordedChange[];
  readonly classOf: ChangesListOptions['classOf'];
  readonly runbookUrl: (remedy: Remedy) => string;
  /** Whether each row says which project it is of. */
  readonly named: boolean;
}

/** The id of its element, which is also the anchor of links to it. */
export function rowId({ source, connection }: Row): string {
  return `c.${source.source.key}.${connection.id}`.replace(/[^\w-]+/g, '.');
}
