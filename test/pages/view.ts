import type { RecordedChange } from '../../src/domain/change-log.ts';
import type { Connection } from '../../src/domain/snapshot.ts';
import type { Source } from '../../src/domain/source.ts';
import type { FleetView, ProjectStatus } from '../../src/domain/view.ts';
import { type Row, toRows } from '../../src/pages/facts/standing.ts';
import { createPages, type PagesOptions } from '../../src/pages/pages.ts';
import { aSource, epoch, type Poll, polled } from '../support/builders.ts';

export const projectId = '5df264b8f10fab7d2cad2f0d';

/** A project with one source, after these polls; the last one was at `epoch + (n - 1) min`. */
export function aProject(
  overrides: Partial<ProjectStatus & { source: Partial<Source> }>,
  ...polls: readonly Poll[]
): ProjectStatus {
  const { source: sourceOverrides, ...rest } = overrides;
  const id = rest.id ?? projectId;
  const source = aSource({ projectId: id, ...sourceOverrides });
  const nextPollAt = epoch + polls.length * 60_000;
  return {
    id,
    name: 'payments-prod',
    orgId: '',
    facts: {},
    labels: {},
    sources: [{ source, state: polled(source, ...polls), nextPollAt }],
    ...rest,
  };
}

export function aView(projects: readonly ProjectStatus[], at = epoch + 120_000): FleetView {
  return { at, projects, credentials: [] };
}

/** The only row of a project with this connection, `ageMs` after its last change. */
export async function rowOf(connection: Connection, ageMs = 0, source: Partial<Source> = {}): Promise<Row> {
  const [row] = await toRows(aView([aProject({ source }, [connection])], epoch + ageMs));
  if (!row) throw new Error('No row');
  return row;
}

export function aChange(overrides: Partial<RecordedChange> = {}): RecordedChange {
  return {
    id: 1,
    at: epoch,
    not_before: null,
    atlas_project_id: projectId,
    kind: 'cluster',
    cloud_provider: 'AWS',
    connection_id: 'a1',
    type: 'status',
    from: 'AVAILABLE',
    to: 'FAILED',
    ...overrides,
  };
}

/** The page at a path, with the changes that were kept (oldest first). */
export async function pageAt(
  path: string,
  view: FleetView,
  changes: readonly RecordedChange[] = [],
  options: Omit<PagesOptions, 'answers'> = {},
): Promise<string> {
  const pages = createPages({
    ...options,
    answers: {
      view: () => view,
      changes: async (query) =>
        changes
          .filter(({ atlas_project_id }) => query.projectId === undefined || query.projectId === atlas_project_id)
          .filter(({ id }) => query.beforeId === undefined || id < query.beforeId)
          .toReversed()
          .slice(0, query.limit),
    },
  });
  const { pathname, searchParams } = new URL(path, 'http://x');
  return (await pages.render(pathname, searchParams))?.html ?? '';
}

/** What somebody reads: no tags, no style, no script. */
export function textOf(html: string): string {
  return html
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replace(/<title>[^<]*<\/title>(?=<\/rect>)/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/[ \n]+/g, ' ');
}
