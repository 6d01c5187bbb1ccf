import type { ChangesQuery, RecordedChange } from '../domain/change-log.ts';
import type { FleetView } from '../domain/view.ts';
import { parseQuestion } from './facts/question.ts';
import { toRows } from './facts/standing.ts';
import { survey } from './facts/survey.ts';
import { visibleText } from './facts/words.ts';
import { statusClasses } from './parts/changes-list.ts';
import { helpPage } from './parts/help-page.ts';
import { fleetPage, projectPage, type Rendered } from './parts/status-page.ts';
import { toRelativeLinks } from './relative.ts';
import type { Remedy } from './remedies.ts';
import { contentSecurityPolicy, page } from './shell.ts';

export interface PagesOptions {
  readonly answers: {
    view(): FleetView;
    changes(query: ChangesQuery): Promise<readonly RecordedChange[]>;
  };
  readonly telemetryPath?: string;
  /** Where the runbooks are, as in `https://wiki.example/runbooks/`; our own help page unless told otherwise. */
  readonly runbookBaseUrl?: string;
}

/** How many changes of a project its timelines are drawn from. */
const changesOfProject = 300;
const latestOfFleet = 20;
const latestOfProject = 100;

/** The pages for people: the fleet at `/`, each project at `/projects/{id}`, and `/help`. */
export function createPages({ answers, telemetryPath = '/metrics', runbookBaseUrl }: PagesOptions) {
  const runbookUrl = ({ slug, runbook }: Remedy) =>
    runbookBaseUrl === undefined ? `/help#${slug}` : `${runbookBaseUrl}${runbook}.md`;
  const changesOf = async (ids: readonly string[]) =>
    (
      await Promise.all(
        ids.map((projectId) => answers.changes({ projectId, limit: changesOfProject, newestFirst: true })),
      )
    ).flat();

  // Pages of one view share what is derived of it: views are shared for a second, and large.
  const derived = new WeakMap<FleetView, ReturnType<typeof derive>>();
  const derive = async (shown: FleetView) => ({
    surveyed: survey(shown, await toRows(shown)),
    classOf: statusClasses(shown),
  });
  const common = async (shown: FleetView) => {
    const known = derived.get(shown) ?? derive(shown);
    derived.set(shown, known);
    return { view: shown, ...(await known), runbookUrl, changesOf };
  };

  async function show({ headline, body }: Rendered, now: number, name: string): Promise<string> {
    return page({
      title: `${headline.short} \u00b7 ${name}`,
      tone: headline.tone,
      now,
      telemetryPath,
      body,
      skipTo: { anchor: 'connections', words: 'Skip to the connections' },
    });
  }

  async function fleet(search: URLSearchParams) {
    const now = answers.view();
    const latest = await answers.changes({ limit: latestOfFleet, newestFirst: true });
    const question = parseQuestion(search);
    const rendered = await fleetPage({ ...(await common(now)), question, latest });
    return { status: 200 as const, html: await show(rendered, now.at, 'Atlas private endpoints') };
  }

  async function project(id: string, search: URLSearchParams) {
    const { at, projects } = answers.view();
    const found = projects.find((one) => one.id === id);
    if (!found) return null;
    const now = { at, projects: [found] };
    const latest = await answers.changes({ projectId: id, limit: latestOfProject, newestFirst: true });
    const question = parseQuestion(search);
    const rendered = await projectPage({ ...(await common(now)), question, latest }, found);
    return { status: 200 as const, html: await show(rendered, at, visibleText(found.name)) };
  }

  async function help() {
    const title = 'Help \u00b7 Atlas private endpoints';
    const html = await page({
      title,
      tone: 'none',
      now: answers.view().at,
      telemetryPath,
      body: helpPage(),
      skipTo: null,
    });
    return { status: 200 as const, html };
  }

  async function pageAt(path: string, search: URLSearchParams) {
    if (path === '/') return fleet(search);
    if (path === '/help') return help();
    const [, id] = /^\/projects\/([0-9a-f]{24})$/.exec(path) ?? [];
    return id === undefined ? null : project(id, search);
  }

  return {
    contentSecurityPolicy,
    /** null when there is no such page. */
    async render(path: string, search: URLSearchParams): Promise<{ status: 200; html: string } | null> {
      const shown = await pageAt(path, search);
      return shown && { ...shown, html: toRelativeLinks(shown.html, path) };
    },
  };
}
