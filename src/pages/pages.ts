import type { FleetView } from '../domain/view.ts';
import { parseQuestion } from './facts/question.ts';
import { type Row, toRows } from './facts/standing.ts';
import { survey } from './facts/survey.ts';
import { visibleText } from './facts/words.ts';
import { createFurtherPages, type PageAnswers } from './further-pages.ts';
import { statusClasses } from './parts/changes-list.ts';
import { createConsoles } from './parts/consoles.ts';
import type { RunbookUrl } from './parts/scene.ts';
import { fleetPage, projectPage, type Rendered } from './parts/status-page.ts';
import { toRelativeLinks } from './relative.ts';
import { contentSecurityPolicy, page } from './shell.ts';

export interface PagesOptions {
  readonly answers: PageAnswers;
  readonly telemetryPath?: string;
  /** The folder of the runbooks, as in `https://wiki.example/runbooks/`; the help pages of this server when left out. */
  readonly runbookBaseUrl?: string;
  /** Where Atlas shows projects to people; null where it does not. */
  readonly atlasUrl?: () => string | null;
}

/** The newest changes of a project: its timelines are drawn from them. */
const changesOfProject = 300;
const latestOfFleet = 20;
const latestOfProject = 100;

/** Pages of the whole fleet at `/`, of each project at `/projects/{id}`, of changes at `/changes`, and of help at `/help`. */
export function createPages({ answers, telemetryPath = '/metrics', runbookBaseUrl, atlasUrl }: PagesOptions) {
  const runbookUrl = toRunbookUrl(runbookBaseUrl);
  const consoles = createConsoles(atlasUrl ?? (() => null));
  const changesOf = async (ids: readonly string[]) =>
    (
      await Promise.all(
        ids.map((projectId) => answers.changes({ projectId, limit: changesOfProject, newestFirst: true })),
      )
    ).flat();

  const factsOf = createFacts();
  const further = createFurtherPages({ answers, telemetryPath, consoles, factsOf });
  const rest = { runbookUrl, consoles, changesOf };
  const common = async (shown: FleetView) => ({ view: shown, ...(await factsOf(shown)), ...rest });

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
    const { at, projects, credentials } = answers.view();
    const found = projects.find((one) => one.id === id);
    if (!found) return null;
    const used = new Set(found.sources.map(({ source }) => source.credential));
    const now = { at, projects: [found], credentials: credentials.filter(({ name }) => used.has(name)) };
    const latest = await answers.changes({ projectId: id, limit: latestOfProject, newestFirst: true });
    const question = parseQuestion(search);
    const rendered = await projectPage({ ...(await common(now)), question, latest }, found);
    return { status: 200 as const, html: await statusShell(rendered, at, visibleText(found.name), telemetryPath) };
  }

  async function pageAt(path: string, search: URLSearchParams) {
    if (path === '/') return fleet(search);
    if (path === '/changes') return further.changes(search);
    if (path === '/help') return further.help();
    const [, alert] = /^\/help\/([A-Za-z-]{1,100})$/.exec(path) ?? [];
    if (alert !== undefined) return further.runbook(alert, search);
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

function toRunbookUrl(base: string | undefined): RunbookUrl {
  return ({ slug, runbook }, row) => {
    if (base !== undefined) return `${base}${runbook}.md`;
    return row ? `/help/${runbook}?${idsOf(row)}` : `/help#${slug}`;
  };
}

/** The labels that an alert about a connection has. */
function idsOf({ project, source, connection, endpoints, worst, byEndpoint }: Row): URLSearchParams {
  const endpoint = byEndpoint ? endpoints.find(({ part }) => part === worst) : endpoints[0];
  return new URLSearchParams({
    atlas_project_id: project.id,
    kind: source.source.kind,
    cloud_provider: source.source.cloudProvider,
    connection_id: connection.id,
    ...(endpoint && { interface_endpoint_id: endpoint.endpoint.id }),
  });
}
