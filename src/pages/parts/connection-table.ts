import { html } from 'hono/html';
import { type Row, statusSpan } from '../facts/standing.ts';
import { isBlind } from '../facts/survey.ts';
import { atLeastWords, kindWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { ago, badge, icon } from './badge.ts';
import { clustersBehind } from './clusters.ts';
import { notesOf } from './connection-card.ts';
import { endpointsInShort } from './endpoints.ts';
import { rowId, type Scene } from './scene.ts';
import { timeline } from './timeline-svg.ts';

/** The table of connections without trouble, one line each. */
export function connectionTable(rows: readonly Row[], scene: Scene): Html {
  const { now, stretch, named } = scene;
  const body = rows.map((row) => {
    const { project, source, connection, own, worst, byEndpoint } = row;
    return html`<tr id="${rowId(row)}">
<th scope="row">${named ? html`<a href="/projects/${project.id}">${visibleText(project.name)}</a>` : ''}<code>${visibleText(connection.id)}</code></th>
<td>${connection.cloudProvider} ${visibleText(connection.region)}${kindWords(source.source.kind)}</td>
<td>${badge(own.statusClass, own.status)}${own.history ? html` <span class="for">${atLeastWords(statusSpan(own.history), now)}</span>` : ''}${byEndpoint ? html` ${badge(worst.statusClass, `endpoint ${worst.status}`)}` : ''}${age(row, now)}${notesOf(row)}</td>
<td class="wide">${endpointsInShort(row.endpoints)}${clustersBehind(row)}</td>
<td class="wide line">${timeline(row, scene.changesOf(row), stretch, true)}</td>
</tr>`;
  });
  return html`<table class="connections"><caption class="unseen">Connections without trouble</caption>
<thead><tr><th scope="col">${named ? 'Project and connection' : 'Connection'}</th><th scope="col">Where</th><th scope="col">Status</th><th scope="col" class="wide">Interface endpoints</th><th scope="col" class="wide">Last ${stretch.words}</th></tr></thead>
<tbody>${body}</tbody></table>`;
}

/** A mark that the data is old. The reason is above the table. */
function age({ source }: Row, now: number): Html | '' {
  if (!isBlind(source)) return '';
  const { lastSuccess } = source.state.freshness;
  return html` <span class="old">${icon('needs_user')}as it was ${lastSuccess ? ago(lastSuccess.wall, now) : 'before'}</span>`;
}
