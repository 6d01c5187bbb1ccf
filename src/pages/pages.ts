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
  /** The folder of the runbooks, as in `https://wiki.example/runbooks/`; the help page of this server when left out. */
  readonly runbookBaseUrl?: string;
}

/** The newest changes of a project: its timelines are drawn from them. */
const changesOfProject = 300;
const latestOfFleet = 20;
const latestOfProject = 100;

/** Pages of the whole fleet at `/`, of each project at `/projects/{id}`, and of help at `/help`. */
export function createPages({ answers, telemetryPath = '/metrics', runbookBaseUrl }: PagesOptions) {
  const runbookUrl = ({ slug, runbook }: Remedy) =>
    runbookBaseUrl === undefined ? `/help#${slug}` : `${runbookBaseUrl}${runbook}.md`;
  const changesOf = async (ids: readonly string[]) =>
    (
      await Promise.all(
        ids.map((projectId) => answers.changes({ projectId, limit: changesOfProject, newestFirst: true })),
      )
    ).flat();

  const factsOf = createFacts();
  const common = async (shown: FleetView) => ({ view: shown, ...(await factsOf(shown)), runbookUrl, changesOf });

  async function fleet(search: URLSearchParams) {
    const now = answers.view();
    const latest = await answers.changes({ limit: latestOfFleet, newestFirst: true });
    const question = parseQuestion(search);
    const rendered = await fleetPage({ ...(await common(now)), question, latest });
    return {
      status: 200 as const,
      html: await statusShell(rendered, now.at, 'Atlas private endpoints', telemetryPath),
    };
  }

  async function project(id: string, search: URLSearchParams) {
    const { at, projects } = answers.view();
    const found = projects.find((one) => one.id === id);
    if (!found) return null;
    const now = { at, projects: [found] };
    const latest = await answers.changes({ projectId: id, limit: latestOfProject, newestFirst: true });
    const question = parseQuestion(search);
    const rendered = await projectPage({ ...(await common(now)), question, latest }, found);
    return { status: 200 as const, html: await statusShell(rendered, at, visibleText(found.name), telemetryPath) };
  }

  async function pageAt(path: string, search: URLSearchParams) {
    if (path === '/') return fleet(search);
    if (path === '/help') return { status: 200 as const, html: await helpShell(answers.view().at, telemetryPath) };
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

/** Facts of a view, which pages share: views are large, and pages within one second share a view. */
function createFacts() {
  const derive = async (view: FleetView) => ({
    surveyed: survey(view, await toRows(view)),
    classOf: statusClasses(view),
  });
  const derived = new WeakMap<FleetView, ReturnType<typeof derive>>();
  return (view: FleetView) => {
    const known = derived.get(view) ?? derive(view);
    derived.set(view, known);
    return known;
  };
}

function statusShell({ headline, body }: Rendered, now: number, name: string, telemetryPath: string): Promise<string> {
  return page({
    title: `${headline.short} \u00b7 ${name}`,
    tone: headline.tone,
    now,
    telemetryPath,
    body,
    skipTo: { anchor: 'connections', words: 'Skip to the connections' },
  });
}

function helpShell(now: number, telemetryPath: string): Promise<string> {
  const title = 'Help \u00b7 Atlas private endpoints';
  return page({ title, tone: 'none', now, telemetryPath, body: helpPage(), skipTo: null });
}
