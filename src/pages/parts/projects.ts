import { html } from 'hono/html';
import { listsClusters } from '../../domain/status.ts';
import type { ProjectStatus, SourceStatus, SourceView } from '../../domain/view.ts';
import { type Row, type Standing, standings, standingWords } from '../facts/standing.ts';
import { isBlind, type Survey } from '../facts/survey.ts';
import { count, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { ago, icon, until } from './badge.ts';
import { clustersInShort } from './clusters.ts';

export function projectTable(projects: readonly ProjectStatus[], { worst, clusters }: Survey, now: number): Html {
  const shown = new Set(projects.map(({ id }) => id));
  const rowsOf = Map.groupBy(
    worst.filter(({ project }) => shown.has(project.id)),
    ({ project }) => project.id,
  );
  const clustersOf = Map.groupBy(clusters, ({ project }) => project.id);
  const withClusters = clusters.length > 0;
  const body = projects.map(
    (project) => html`<tr>
<th scope="row"><a href="/projects/${project.id}">${visibleText(project.name)}</a><code>${project.id}</code></th>
<td>${standingsInShort(rowsOf.get(project.id) ?? [])}</td>${withClusters ? html`<td>${clustersInShort(clustersOf.get(project.id) ?? [])}</td>` : ''}
<td>${freshness(project.sources, now)}</td>
<td class="wide">${next(project.sources, now)}</td>
</tr>`,
  );
  return html`<table class="projects"><caption class="unseen">Projects</caption>
<thead><tr><th scope="col">Project</th><th scope="col">Connections</th>${withClusters ? html`<th scope="col">Clusters</th>` : ''}<th scope="col">Data</th><th scope="col" class="wide">Next poll</th></tr></thead>
<tbody>${body}</tbody></table>`;
}

export function sourceTable(sources: readonly SourceStatus[], now: number): Html {
  const body = sources.map(
    ({ source, state, nextPollAt }) => html`<tr>
<th scope="row">${source.kind}${source.cloudProvider === '' ? '' : ` ${source.cloudProvider}`}</th>
<td>${holds({ source, state })}</td>
<td>${freshness([{ source, state, nextPollAt }], now)}</td>
<td>${nextPollAt === null ? 'not planned' : until(nextPollAt, now)}</td>
<td class="wide"><code>${source.schedule}</code></td>
<td class="wide">${visibleText(source.credential)}, ${source.api}</td>
</tr>`,
  );
  return html`<table class="sources"><caption class="unseen">Sources of this project</caption>
<thead><tr><th scope="col">Source</th><th scope="col">Holds</th><th scope="col">Data</th><th scope="col">Next poll</th><th scope="col" class="wide">Schedule</th><th scope="col" class="wide">Read with</th></tr></thead>
<tbody>${body}</tbody></table>`;
}

/** How many elements the list has; nothing is said of one that was never read. */
function holds({ source, state: { ledger } }: SourceView): string {
  if (!ledger) return 'not read yet';
  const { clusters, connections } = ledger.snapshot;
  return listsClusters(source.kind) ? count(clusters.length, 'cluster') : count(connections.length, 'connection');
}

function standingsInShort(rows: readonly Row[]): string {
  if (rows.length === 0) return 'none';
  const by = Map.groupBy(rows, ({ standing }) => standing);
  return standings
    .flatMap((standing: Standing) => {
      const number = by.get(standing)?.length ?? 0;
      return number === 0 ? [] : [`${number} ${standingWords[standing].toLowerCase()}`];
    })
    .join(', ');
}

/** The age of the oldest data of the sources, and why it is old. */
function freshness(sources: readonly SourceStatus[], now: number): Html {
  const blind = sources.filter(isBlind);
  const seen = (blind.length > 0 ? blind : sources).map(({ state }) => state.freshness.lastSuccess);
  const walls = seen.flatMap((success) => (success ? [success.wall] : []));
  const age =
    walls.length < seen.length && walls.length === 0 ? html`never read` : html`${ago(Math.min(...walls), now)}`;
  if (blind.length === 0) return walls.length === 0 ? html`waits for its first poll` : age;
  const reasons = [...new Set(blind.map(({ state }) => state.freshness.failure?.reason ?? 'stale'))].join(', ');
  return html`<span class="old">${icon('needs_user')}${age}, <b>${reasons}</b></span>`;
}

function next(sources: readonly SourceStatus[], now: number): Html {
  const planned = sources.flatMap(({ nextPollAt }) => (nextPollAt === null ? [] : [nextPollAt]));
  return planned.length === 0 ? html`not planned` : until(Math.min(...planned), now);
}
