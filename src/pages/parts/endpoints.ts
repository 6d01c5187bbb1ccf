/** The interface endpoints of a connection: those in trouble in full, the others in short. */

import { html } from 'hono/html';
import { failedMembersWords } from '../../domain/connection-notes.ts';
import { type EndpointPart, isWell, type Row, statusSpan } from '../facts/standing.ts';
import { atLeastWords, count, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { badge } from './badge.ts';
import { message } from './message.ts';

const mostNotWell = 12;
const mostAtAll = 50;

/** The endpoints that are not well, and the number of the others. */
export function endpointsNotWell({ endpoints, project }: Row, now: number): Html | '' {
  if (endpoints.length === 0) return '';
  const number = count(endpoints.length, 'interface endpoint');
  const notWell = endpoints.filter(({ part }) => part && !isWell(part)).slice(0, mostNotWell);
  if (notWell.length === 0) return html`<p class="endpoints">${number}: ${endpointsInShort(endpoints)}</p>`;
  const rest = endpoints.length - notWell.length;
  return html`<section class="endpoints" aria-label="Interface endpoints"><h4>${number}</h4>
<ul>${notWell.map((endpoint) => html`<li>${line(endpoint, now)}${endpoint.part ? message(endpoint.part, project, now) : ''}</li>`)}${rest === 0 ? '' : html`<li class="for">and ${rest} more</li>`}</ul></section>`;
}

export function everyEndpoint({ endpoints }: Row, now: number): Html | '' {
  if (endpoints.length === 0) return '';
  const rest = endpoints.length - mostAtAll;
  return html`<ul class="endpoints">${endpoints.slice(0, mostAtAll).map((endpoint) => html`<li>${line(endpoint, now)}</li>`)}${rest > 0 ? html`<li class="for">and ${rest} more</li>` : ''}</ul>`;
}

function line({ endpoint, part }: EndpointPart, now: number): Html {
  const id = html`<code>${visibleText(endpoint.id)}</code>`;
  if (!part) return id;
  const since = part.history ? html` <span class="for">${atLeastWords(statusSpan(part.history), now)}</span>` : '';
  const trouble = part.unreadable ?? (endpoint.detail && failedMembersWords(endpoint.detail));
  const why = trouble === null ? '' : html` <span class="for">${visibleText(trouble)}</span>`;
  return html`${badge(part.statusClass, part.status)} ${id}${since}${why}`;
}

/** `none`, `2` when only ids are known, `all 2 ready`, `1 of 2 ready`. */
export function endpointsInShort(endpoints: Row['endpoints']): string {
  const parts = endpoints.flatMap(({ part }) => part ?? []);
  if (endpoints.length === 0) return 'none';
  if (parts.length === 0) return String(endpoints.length);
  const ready = parts.filter(isWell).length;
  if (ready < endpoints.length) return `${ready} of ${endpoints.length} ready`;
  return ready === 1 ? 'ready' : `all ${ready} ready`;
}
