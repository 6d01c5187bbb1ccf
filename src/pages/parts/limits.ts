import { html } from 'hono/html';
import { isNearLimit, limitWords } from '../../domain/limit-words.ts';
import type { ProjectView } from '../../domain/view.ts';
import type { Html } from '../html.ts';
import { icon } from './badge.ts';

/** The limits of a project, to stand in a list of its facts. What is nearly used up is marked. */
export function limitFacts({ facts: { limits } }: ProjectView): Html | '' {
  if (!limits || limits.length === 0) return '';
  const each = limits.map((limit) =>
    isNearLimit(limit)
      ? html`<dd><span class="old">${icon('needs_user')}${limitWords(limit)}: at the limit new clusters get no private endpoint</span></dd>`
      : html`<dd>${limitWords(limit)}</dd>`,
  );
  return html`<dt>Limits</dt>${each}`;
}
