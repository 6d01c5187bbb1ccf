import { html } from 'hono/html';
import type { RecordedChange } from '../../domain/change-log.ts';
import { namesInShort } from '../../domain/cluster-standing.ts';
import { connectionNotes } from '../../domain/connection-notes.ts';
import { type Row, type Standing, sinceSpan, standingWords, statusSpan } from '../facts/standing.ts';
import { isBlind } from '../facts/survey.ts';
import { atLeastWords, count, durationWords, kindWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { type Remedy, remedyFor, removalBreaks } from '../remedies.ts';
import { ago, badge, began, icon, moment, until } from './badge.ts';
import { changesList } from './changes-list.ts';
import { clustersBehind } from './clusters.ts';
import { endpointsNotWell, everyEndpoint } from './endpoints.ts';
import { message } from './message.ts';
import { rowId, type Scene } from './scene.ts';
import { timeline } from './timeline-svg.ts';

const mostChanges = 12;

/** The card of a connection in trouble: everything that is known about it. */
export function connectionCard(row: Row, scene: Scene): Html {
  const { now, stretch } = scene;
  const id = rowId(row);
  const remedy = remedyFor(row);
  const changes = scene.changesOf(row);
  return html`<li class="card ${edges[row.standing]}" id="${id}"><article aria-labelledby="${id}-title">
<header>${lead(row)}<h3 id="${id}-title">${title(row, scene)}</h3><p class="since">${sinceWords(row, now)}</p></header>
${oldness(row, now)}${unreadableWords(row)}${message(row.own, row.project, now)}${endpointsNotWell(row, now)}${clustersBehind(row)}${notesOf(row)}${remedy ? advice(remedy, scene.runbookUrl(remedy, row)) : ''}
<div class="past">${timeline(row, changes, stretch)}<p class="axis"><span>${durationWords(stretch.to - stretch.from)} ago</span><span>now</span></p></div>
${details(row, changes, scene, id)}
</article></li>`;
}

/** The badges of a card: what is wrong, and the connection's own status where that is another one. */
function lead({ own, worst, standing, byEndpoint }: Row): Html {
  const isMessage = standing === 'error';
  const wrong = isMessage ? 'error message' : worst.status;
  const colour = isMessage ? 'failed' : worst.statusClass;
  if (!byEndpoint && !isMessage) return badge(colour, wrong);
  return html`${badge(colour, byEndpoint ? `endpoint ${wrong}` : wrong)}${badge(own.statusClass, own.status)}`;
}

/** The colour of a card's edge. It follows the standing, because the connection's own status may be ready. */
const edges: Readonly<Record<Standing, string>> = {
  failed: 'failed',
  error: 'failed',
  member_failed: 'failed',
  needs_user: 'needs_user',
  stuck: 'needs_user',
  unreadable: 'unknown',
  unknown: 'unknown',
  moving: 'progressing',
  ready: 'ready',
};

function title({ project, source, connection }: Row, { named }: Scene): Html {
  const where = html`<span class="where">${connection.cloudProvider} ${visibleText(connection.region)}${kindWords(source.source.kind)}</span>`;
  if (!named) return html`<code>${visibleText(connection.id)}</code> ${where}`;
  return html`<a href="/projects/${project.id}">${visibleText(project.name)}</a> ${where}`;
}

function sinceWords(row: Row, now: number): Html {
  const { byEndpoint, standing } = row;
  const since = sinceSpan(row);
  const what = byEndpoint ? `Interface endpoint: ${standingWords[standing].toLowerCase()}` : standingWords[standing];
  if (since === null) return html`${what}`;
  return html`${what} <strong>${atLeastWords(since, now)}</strong>, ${began(since, now)}`;
}

/** A warning that the data is old. */
function oldness({ source }: Row, now: number): Html | '' {
  if (!isBlind(source)) return '';
  const { failure, stale, lastSuccess } = source.state.freshness;
  const seen = html`As it was ${lastSuccess ? ago(lastSuccess.wall, now) : 'before'}`;
  const why = failure ? html`: polls fail (<b>${failure.reason}</b>)` : '';
  return html`<p class="old">${icon('needs_user')}${seen}${why}${stale ? '; its series are no longer exposed' : ''}</p>`;
}

/** What else is to be said of the connection. */
export function notesOf({ connection, source: { source, state } }: Pick<Row, 'connection' | 'source'>): Html {
  const notes = connectionNotes(source.kind, state.ledger?.snapshot.api ?? source.api, connection);
  return html`${notes.map(({ words, isWarning }) =>
    isWarning
      ? html`<p class="old">${icon('needs_user')}${visibleText(words)}</p>`
      : html`<p class="rest">${visibleText(words)}</p>`,
  )}`;
}

/** Why nothing is known of the connection now, and the status that was known last. */
function unreadableWords({ connection: { unreadable, status } }: Row): Html | '' {
  if (unreadable === undefined) return '';
  const before = status === null ? '' : html` Last known status: <b>${visibleText(status)}</b>.`;
  return html`<p class="old">${icon('unknown')}${visibleText(unreadable)}.${before}</p>`;
}

/** The first step of the remedy and a link to the runbook. `words` replaces the step where a failure names a better one. */
export function advice({ title, steps: [first = ''] }: Remedy, url: string, words = first): Html {
  return html`<p class="advice"><b>What to do:</b> ${words} <a href="${url}">Runbook<span class="unseen">: ${title}</span></a></p>`;
}

function details(row: Row, changes: readonly RecordedChange[], scene: Scene, id: string): Html {
  const { now, classOf, consoles } = scene;
  const { source, connection, project, own } = row;
  const { lastSuccess } = source.state.freshness;
  const service = connection.endpointServiceName;
  const newest = changes.slice(-mostChanges).reverse();
  return html`<details id="${id}-more"><summary>Details and history (${count(changes.length, 'change')})</summary>
<dl>
<dt>Connection</dt><dd><code>${visibleText(connection.id)}</code></dd>
<dt>Project</dt><dd><code>${project.id}</code></dd>
<dt>Kind</dt><dd>${source.source.kind}</dd>
${service === '' || source.source.kind !== 'cluster' ? '' : html`<dt>Service</dt><dd><code>${visibleText(service)}</code></dd>`}
${own.history ? html`<dt>${visibleText(own.status)}</dt><dd>${atLeastWords(statusSpan(own.history), now)}, ${began(statusSpan(own.history), now)}</dd>` : ''}
<dt>As of</dt><dd>${lastSuccess ? html`${moment(lastSuccess.wall)} (${ago(lastSuccess.wall, now)})` : 'never'}</dd>
${source.nextPollAt === null ? '' : html`<dt>Next poll</dt><dd>${until(source.nextPollAt, now)}</dd>`}
</dl>
${everyEndpoint(row, now)}
${consoles.links(row)}${beforeRemoval(row)}
${newest.length === 0 ? html`<p>No change is kept: it has been like this since it was first seen.</p>` : changesList(newest, { now, classOf, connections: false })}
</details>`;
}

/** What a removal takes along, and from whom: told where somebody might think of one. */
function beforeRemoval({ source, clusters }: Row): Html | '' {
  if (source.source.kind !== 'cluster') return '';
  const from = clusters && clusters.length > 0 ? visibleText(namesInShort(clusters, 10)) : null;
  const who =
    clusters === null || clusters === undefined
      ? 'which clusters these are is not known here'
      : 'no known cluster has one';
  return html`<p class="rest"><b>Before you remove anything:</b> ${removalBreaks}${from === null ? ` (${who})` : `: ${from}`}</p>`;
}
