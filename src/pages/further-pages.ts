/** The pages that are no status pages: the changes, the help, and the runbooks. */
import { html } from 'hono/html';
import { type ChangesQuery, findChanges, type RecordedChange } from '../domain/change-log.ts';
import { holdsChangeWords } from '../domain/search.ts';
import { type FleetView, toNames } from '../domain/view.ts';
import type { Survey } from './facts/survey.ts';
import type { Html } from './html.ts';
import type { ChangesListOptions } from './parts/changes-list.ts';
import { changesPage, parseChangesQuestion } from './parts/changes-page.ts';
import type { Consoles } from './parts/consoles.ts';
import { helpPage } from './parts/help-page.ts';
import { runbookSubject } from './parts/runbook-subject.ts';
import { runbookNames, runbookPage } from './runbooks.ts';
import { page } from './shell.ts';

/** What pages ask of the rest. */
export interface PageAnswers {
  view(): FleetView;
  changes(query: ChangesQuery): Promise<readonly RecordedChange[]>;
}

interface FurtherPagesOptions {
  readonly answers: PageAnswers;
  readonly telemetryPath: string;
  readonly consoles: Consoles;
  readonly factsOf: (
    view: FleetView,
  ) => Promise<{ readonly surveyed: Survey; readonly classOf: ChangesListOptions['classOf'] }>;
}

const changesOnPage = 100;

export function createFurtherPages({ answers, telemetryPath, consoles, factsOf }: FurtherPagesOptions) {
  return {
    async changes(search: URLSearchParams) {
      const view = answers.view();
      const { classOf } = await factsOf(view);
      const question = parseChangesQuestion(search);
      const nameOf = toNames(view);
      const { text, type, projectId, before } = question;
      const query = {
        limit: changesOnPage,
        newestFirst: true,
        ...(projectId && { projectId }),
        ...(before !== null && { beforeId: before }),
      };
      const found = await findChanges(answers.changes, query, (change) => {
        return (type === '' || change.type === type) && holdsChangeWords(text, nameOf(change.atlas_project_id), change);
      });
      const body = changesPage(question, found, { now: view.at, classOf, nameOf });
      return { status: 200 as const, html: await plainShell('Changes', body, view.at, telemetryPath) };
    },

    async runbook(name: string, ids: URLSearchParams) {
      const text = await runbookPage(name, ids);
      if (text === null) return null;
      const view = answers.view();
      const { surveyed } = await factsOf(view);
      const [project, connection] = [ids.get('atlas_project_id'), ids.get('connection_id')];
      const row = surveyed.worst.find((one) => one.project.id === project && one.connection.id === connection);
      const about = row ? runbookSubject(row, view.at, consoles) : '';
      const body = html`<div class="help runbook">${about}<section aria-label="${name}">${text}</section></div>`;
      return { status: 200 as const, html: await plainShell(name, body, view.at, telemetryPath) };
    },
    async help() {
      const body = helpPage(await runbookNames());
      return { status: 200 as const, html: await plainShell('Help', body, answers.view().at, telemetryPath) };
    },
  };
}

function plainShell(name: string, body: Html, now: number, telemetryPath: string): Promise<string> {
  const title = `${name} \u00b7 Atlas private endpoints`;
  return page({ title, tone: 'none', now, telemetryPath, body, skipTo: null });
}
