import { html } from 'hono/html';
import { namesInShort } from '../../domain/cluster-standing.ts';
import { link, type Question } from '../facts/question.ts';
import { type Row, standingWords } from '../facts/standing.ts';
import { atLeastWords, count, groupDigits, kindWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { remedyFor } from '../remedies.ts';
import { badge } from './badge.ts';
import { advice } from './connection-card.ts';
import { message } from './message.ts';
import { rowId, type Scene } from './scene.ts';

const mostNamed = 3;
const mostListed = 100;

/** One card for many connections that have the same trouble. Each stands in its list, with a link to a card of its own. */
export function findingCard(rows: readonly Row[], scene: Scene, question: Question): Html {
  const [first] = rows as readonly [Row];
  const id = `f.${rowId(first)}`;
  const { worst, standing, byEndpoint } = first;
  const remedy = remedyFor(first);
  const listed = rows.slice(0, mostListed);
  const more = rows.length - listed.length;
  const since = rows.flatMap((row) => row.since ?? []);
  const colour = standing === 'error' ? 'failed' : worst.statusClass;
  const wrong = standing === 'error' ? 'error message' : worst.status;
  return html`<li class="card ${colour}" id="${id}"><article aria-labelledby="${id}-title">
<header>${badge(colour, byEndpoint ? `endpoint ${wrong}` : wrong)}<h3 id="${id}-title">${count(rows.length, 'connection')}: ${standingWords[standing].toLowerCase()}</h3>${since.length === 0 ? '' : html`<p class="since">the newest ${atLeastWords({ at: Math.max(...since) }, scene.now)}</p>`}</header>
<p class="who">${visibleText(rows.slice(0, mostNamed).map(nameOf).join(', '))}${rows.length > mostNamed ? ` and ${groupDigits(rows.length - mostNamed)} more` : ''}</p>
${message(worst, first.project, scene.now)}${rows.length > 1 && worst.errorMessage !== null ? html`<p class="rest">The message of the first; those of the others differ in ids and numbers alone</p>` : ''}
<p class="rest">${clustersOf(rows)}</p>
${remedy ? advice(remedy, scene.runbookUrl(remedy, first)) : ''}
<details id="${id}-all"><summary>${more > 0 ? `The first ${groupDigits(listed.length)}` : `All ${groupDigits(rows.length)}`}</summary><ul>${listed.map((row) => item(row, scene, question))}${more > 0 ? html`<li class="for">and ${groupDigits(more)} more: filter by project or region</li>` : ''}</ul></details>
</article></li>`;
}

function nameOf({ project, connection }: Row): string {
  return `${project.name} ${connection.region}`.trim();
}

/** What hangs on all of them together. */
function clustersOf(rows: readonly Row[]): string {
  const known = rows.flatMap(({ clusters }) => (clusters === undefined ? [] : [clusters]));
  if (known.length === 0) return '';
  if (known.some((clusters) => clusters === null)) return 'Clusters not known: a list of clusters cannot be read';
  const names = [
    ...new Set(rows.flatMap(({ clusters, project }) => (clusters ?? []).map((name) => `${project.name}/${name}`))),
  ];
  if (names.length === 0) return 'No private connection string goes through them';
  return `Clusters that hang on them: ${visibleText(namesInShort(names, 5))}`;
}

function item(row: Row, { now }: Scene, question: Question): Html {
  const { project, source, connection, since } = row;
  const long = since === null ? '' : ` ${atLeastWords({ at: since }, now)}`;
  return html`<li id="${rowId(row)}"><a href="${link(question, { text: connection.id, status: '', provider: '', kind: '' })}#connections">${visibleText(project.name)} ${connection.cloudProvider} ${visibleText(connection.region)}${kindWords(source.source.kind)}</a> <code>${visibleText(connection.id)}</code><span class="for">${long}</span></li>`;
}
