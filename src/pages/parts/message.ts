import { html } from 'hono/html';
import { errorSpan, type Part, type Row } from '../facts/standing.ts';
import { count, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { began } from './badge.ts';

/** The longest message in characters. Atlas may send 64 KB, and fifty of them would make a page of 3 MB. */
const longest = 4_000;

/** The error message of a part. */
export function message({ errorMessage, history }: Part, { id }: Row['project'], now: number): Html | '' {
  if (errorMessage === null) return '';
  const text = visibleText(errorMessage);
  const rest = text.length - longest;
  const since = history ? html`, ${began(errorSpan(history), now)}` : '';
  return html`<figure class="message"><figcaption>Atlas says${since}</figcaption><pre>${text.slice(0, longest).toWellFormed()}</pre>${
    rest > 0
      ? html`<p class="rest">${count(rest, 'character')} more <a href="/api/v1/connections?atlas_project_id=${id}">as JSON</a></p>`
      : ''
  }</figure>`;
}
