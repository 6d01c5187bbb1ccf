import { html } from 'hono/html';
import type { RecordedChange } from '../../domain/change-log.ts';
import {
  type Api,
  type CloudProvider,
  connectionClass,
  interfaceEndpointClass,
  kinds,
  type StatusClass,
} from '../../domain/status.ts';
import type { FleetView } from '../../domain/view.ts';
import { betweenWords, count, isoMoment, kindWords, momentWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { authorWords } from './authors.ts';
import { badge } from './badge.ts';

export interface ChangesListOptions {
  readonly now: number;
  readonly classOf: (change: RecordedChange, status: string) => StatusClass;
  /** Whether the list names the connection of each change. */
  readonly connections: boolean;
  /** The name of a project, for a list of several projects. */
  readonly nameOf?: (projectId: string) => string;
}

const longestMessage = 300;
const clouds: readonly CloudProvider[] = ['AWS', 'AZURE', 'GCP'];

/** The classes of the statuses in changes. They depend on the API of a source, which only the fleet knows. */
export function statusClasses({ projects }: FleetView): ChangesListOptions['classOf'] {
  const apiOf = ({ atlas_project_id, kind, cloud_provider }: RecordedChange): Api => {
    const sources = projects.find(({ id }) => id === atlas_project_id)?.sources ?? [];
    const key = `${atlas_project_id}/${kind}/${cloud_provider}`;
    return sources.find(({ source }) => source.key === key)?.source.api ?? 'v2';
  };
  return (change, status) => {
    const { kind, cloud_provider, interface_endpoint_id } = change;
    const known = kinds.find((name) => name === kind);
    const cloud = clouds.find((name) => name === cloud_provider);
    if (!known) return 'unknown';
    if (interface_endpoint_id !== undefined) return cloud ? interfaceEndpointClass(known, cloud, status) : 'unknown';
    // A change does not count interface endpoints. One is assumed, because a v1.0 connection in use has at least one.
    return connectionClass(known, apiOf(change), status, 1, 1);
  };
}

/** The changes in the given order. */
export function changesList(changes: readonly RecordedChange[], options: ChangesListOptions): Html {
  const items = changes.map(
    (change) => html`<li class="${tone(change)}">
<span class="when">${when(change, options.now)}</span>
<span class="what">${subject(change, options)} ${words(change, options)}${authorWords(change)}</span>
</li>`,
  );
  return html`<ol class="changes">${items}</ol>`;
}

/** The time is told as a day has it: on the page of changes the day stands above. */
function when({ at, not_before: notBefore }: RecordedChange, now: number): Html {
  const title = `${notBefore === null ? 'At the latest' : `After ${momentWords(notBefore)}, at the latest`} ${momentWords(at)}`;
  return html`<time datetime="${isoMoment(at)}" title="${title}">${betweenWords({ at, notBefore }, now)}</time>`;
}

function subject(change: RecordedChange, { connections, nameOf }: ChangesListOptions): Html {
  const { atlas_project_id: id, connection_id = '', interface_endpoint_id: endpoint, cloud_provider, kind } = change;
  const project = nameOf ? html`<a href="/projects/${id}">${visibleText(nameOf(id))}</a> ` : '';
  if (kind === undefined) return project === '' ? html`Project` : project;
  if (change.cluster_name !== undefined)
    return html`${project}Cluster <code>${visibleText(change.cluster_name)}</code>`;
  const connection = connections
    ? html`${`${cloud_provider ?? ''}${kindWords(kind ?? '')}`.trimStart()} <code>${visibleText(connection_id)}</code>`
    : '';
  if (endpoint === undefined) return html`${project}${connections ? connection : 'Connection'}`;
  return html`${project}${connection} interface endpoint <code>${visibleText(endpoint)}</code>`;
}

function words(change: RecordedChange, { classOf }: ChangesListOptions): Html {
  const { type, from, to } = change;
  const status = (word: string) => badge(classOf(change, word), word);
  switch (type) {
    case 'added':
      return html`appeared${to === null ? '' : html` as ${status(to)}`}`;
    case 'removed':
      return html`is gone${from === null ? '' : html`, was ${status(from)}`}`;
    case 'status':
      return html`went from ${visibleText(from ?? '')} to ${status(to ?? '')}`;
    case 'delete_requested':
      return html`somebody asked for its removal`;
    case 'remote_regions':
      return html`other regions that may connect: ${visibleText(to ?? 'none')}, before ${visibleText(from ?? 'none')}`;
    case 'connection_string':
      return html`private connection string <b>${change.change}</b>, ${count(Number(to), 'string')} now`;
    case 'regional_mode':
      return html`regional mode turned <b>${to}</b>`;
    case 'audit':
      return html`<code>${visibleText(change.by?.[0]?.event ?? '')}</code>, which no poll saw,`;
    case 'error_message':
      return to === null
        ? html`error message <b>cleared</b>`
        : html`error message <b>${change.change ?? 'set'}</b>: <q>${cut(visibleText(to))}</q>`;
  }
}

function cut(text: string): string {
  return text.length > longestMessage ? `${text.slice(0, longestMessage).toWellFormed()}\u2026` : text;
}

function tone({ type, to }: RecordedChange): string {
  if (type !== 'error_message') return type;
  return to === null ? 'cleared' : 'set';
}
