/** The clusters behind private endpoints: those of a project or of the fleet, and those that hang on one connection. */
import { html } from 'hono/html';
import {
  type ClusterStanding,
  isClusterTroubled,
  namesInShort,
  regionWords,
  type StandingCluster,
  standingReason,
} from '../../domain/cluster-standing.ts';
import type { StatusClass } from '../../domain/status.ts';
import type { Row } from '../facts/standing.ts';
import { type ClusterRow, isBlind } from '../facts/survey.ts';
import { atLeastWords, count, groupDigits, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { ago, badge, icon } from './badge.ts';

const standingWords: Readonly<Record<ClusterStanding, string>> = {
  connection_string_lost: 'string lost',
  no_connection_string: 'no string',
  region_without_endpoint: 'region without endpoint',
  unreadable: 'not readable',
  unknown: 'unknown',
  updating: 'updating',
  paused: 'paused',
  deleting: 'deleting',
  no_endpoint: 'no endpoint',
  ready: 'string there',
};

const colours: Readonly<Record<ClusterStanding, StatusClass>> = {
  connection_string_lost: 'failed',
  no_connection_string: 'needs_user',
  region_without_endpoint: 'needs_user',
  unreadable: 'unknown',
  unknown: 'unknown',
  updating: 'progressing',
  paused: 'deleting',
  deleting: 'deleting',
  no_endpoint: 'deleting',
  ready: 'ready',
};

const onPage = 50;

/** Which clusters have a private connection string, which lack one, and why: the worst first. */
export function clustersSection(clusters: readonly ClusterRow[], now: number, named: boolean): Html | '' {
  if (clusters.length === 0) return '';
  const shown = clusters.slice(0, onPage);
  const rest = clusters.length - shown.length;
  const body = shown.map(
    (row) => html`<tr>
<th scope="row">${named ? html`<a href="/projects/${row.project.id}">${visibleText(row.project.name)}</a>` : ''}<code>${visibleText(row.cluster.name)}</code></th>
<td>${badge(colours[row.standing], standingWords[row.standing])}${lostWords(row, now)}${age(row, now)}</td>
<td>${visibleText(standingReason(row))}</td>
<td class="wide">${regions(row)}</td>
</tr>`,
  );
  return html`<section class="part" aria-labelledby="clusters"><h2 id="clusters">${count(clusters.length, 'cluster')}</h2>
<table class="clusters"><caption class="unseen">Clusters and their private connection strings</caption>
<thead><tr><th scope="col">${named ? 'Project and cluster' : 'Cluster'}</th><th scope="col">Private connection string</th><th scope="col">Why</th><th scope="col" class="wide">Regions</th></tr></thead>
<tbody>${body}</tbody></table>
${rest > 0 ? html`<p class="rest">and ${groupDigits(rest)} more, none of them worse: see the pages of their projects</p>` : ''}
<p class="rest">Whether they answer where your applications run, Atlas does not know: Prometheus does, with <a href="/help/AtlasPrivateEndpointUnreachable">a prober there</a></p>
</section>`;
}

/** `3`, or `3, 1 in trouble`: the clusters of one project in a table of projects. */
export function clustersInShort(clusters: readonly StandingCluster[]): string {
  const troubled = clusters.filter(({ standing }) => isClusterTroubled(standing)).length;
  if (clusters.length === 0) return 'none';
  return troubled === 0 ? groupDigits(clusters.length) : `${groupDigits(clusters.length)}, ${troubled} in trouble`;
}

/** The clusters that hang on a connection. Nothing where nobody watches clusters. */
export function clustersBehind({ clusters }: Pick<Row, 'clusters'>): Html | '' {
  if (clusters === undefined) return '';
  return html`<p class="rest">${behindWords(clusters)}</p>`;
}

function behindWords(clusters: readonly string[] | null): string {
  if (clusters === null) return 'Clusters not known: their list cannot be read';
  if (clusters.length === 0) return 'No private connection string goes through it';
  return `Clusters that hang on it: ${visibleText(namesInShort(clusters, 10))}`;
}

function regions({ regions }: StandingCluster): Html {
  if (regions.length === 0) return html`none of its own`;
  return html`${regions.map((region, index) => html`${index === 0 ? '' : ', '}${visibleText(regionWords(region))} ${readyWords(region.ready)}`)}`;
}

function readyWords(ready: boolean | null): string {
  if (ready === null) return '(not known)';
  return ready ? 'ready' : 'without endpoint';
}

function lostWords({ standing, history }: ClusterRow, now: number): Html | '' {
  const at = history.stringChangedAt.removed;
  if (standing !== 'connection_string_lost' || at === undefined) return '';
  return html` <span class="for">${atLeastWords({ at }, now)}</span>`;
}

/** A mark that the data is old. */
function age({ source }: ClusterRow, now: number): Html | '' {
  if (!isBlind(source)) return '';
  const { lastSuccess } = source.state.freshness;
  return html` <span class="old">${icon('needs_user')}as it was ${lastSuccess ? ago(lastSuccess.wall, now) : 'before'}</span>`;
}
