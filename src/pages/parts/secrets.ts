import { html } from 'hono/html';
import { secretEndsSoon, secretEndWords, secretRemedy } from '../../domain/secret-end.ts';
import type { FleetView } from '../../domain/view.ts';
import { count, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { icon } from './badge.ts';

/** The secrets of service accounts that end: one line each, what is near with what to do. Nothing without such secrets. */
export function secretsSection({ at, credentials }: Pick<FleetView, 'at' | 'credentials'>): Html | '' {
  const ending = credentials
    .flatMap(({ name, facts: { secretExpiresAt = null } }) =>
      secretExpiresAt === null ? [] : [{ name, endsAt: secretExpiresAt }],
    )
    .toSorted((a, b) => a.endsAt - b.endsAt);
  if (ending.length === 0) return '';
  const lines = ending.map(({ name, endsAt }) => {
    const words = html`The secret of <code>${visibleText(name)}</code> ${secretEndWords(endsAt, at)}.`;
    return secretEndsSoon(endsAt, at)
      ? html`<li><span class="old">${icon('needs_user')}${words}</span> ${secretRemedy}.</li>`
      : html`<li>${words}</li>`;
  });
  return html`<section class="part" aria-labelledby="secrets"><h2 id="secrets">${count(ending.length, 'secret')} that ${ending.length === 1 ? 'ends' : 'end'}</h2><ul>${lines}</ul></section>`;
}
