import { html } from 'hono/html';
import type { Author } from '../../domain/author.ts';
import type { RecordedChange } from '../../domain/change-log.ts';
import { visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';

/** Who made a change, as in `deleted by API key abcdefgh from 203.0.113.9`; nothing where nobody knows. */
export function authorWords({ by = [], by_ambiguous: isAmbiguous, type }: RecordedChange): Html | '' {
  const [first] = by;
  if (!first) return '';
  const names = [...new Set(by.map(nameOf))];
  const shown = names.slice(0, mostNamed).join(' or ');
  const more = names.length > mostNamed ? ` or ${names.length - mostNamed} others` : '';
  const isSaid = type === 'audit' || type === 'regional_mode';
  const verb = isSaid ? '' : `${isAmbiguous ? 'perhaps ' : ''}${verbOf(first)} `;
  const why = isAmbiguous ? ': the audit log does not say which of them' : '';
  return html`${isSaid ? ' ' : ', '}<span class="by">${verb}by ${visibleText(`${shown}${more}`)}${why}</span>`;
}

const mostNamed = 3;

function nameOf({ username, public_key: key, address, mongodb_staff: isStaff }: Author): string {
  const who = username ?? (key === undefined ? (isStaff ? 'MongoDB staff' : 'Atlas itself') : `API key ${key}`);
  const staff = isStaff && who !== 'MongoDB staff' ? ' of MongoDB' : '';
  return `${who}${staff}${address === null ? '' : ` from ${address}`}`;
}

function verbOf({ event }: Author): string {
  if (event.endsWith('_CREATED')) return 'created';
  if (event.endsWith('_DELETED')) return 'deleted';
  return event.endsWith('_RETRIED') ? 'tried again' : 'changed';
}
