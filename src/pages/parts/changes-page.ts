import { html } from 'hono/html';
import type { FoundChanges, RecordedChange } from '../../domain/change-log.ts';
import { isoMoment } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { type ChangesListOptions, changesList } from './changes-list.ts';

/** What the URL of the page asks for. */
export interface ChangesQuestion {
  readonly text: string;
  readonly type: string;
  readonly projectId: string;
  /** The id of a change: only older ones are shown. */
  readonly before: number | null;
}

const typeWords = {
  added: 'Appeared',
  removed: 'Gone',
  status: 'Status',
  error_message: 'Error message',
  delete_requested: 'Removal asked for',
  connection_string: 'Private connection string',
  remote_regions: 'Remote regions',
  regional_mode: 'Regional mode',
  audit: 'Audit log alone',
} as const satisfies Record<RecordedChange['type'], string>;

/** Values that make no sense are left out: a page never answers 400. */
export function parseChangesQuestion(search: URLSearchParams): ChangesQuestion {
  const words = (name: string) => (search.get(name) ?? '').trim().slice(0, 200);
  const [type, projectId, before] = [words('type'), words('atlas_project_id'), words('before')];
  return {
    text: words('text'),
    type: type in typeWords ? type : '',
    projectId: /^[0-9a-f]{24}$/.test(projectId) ? projectId : '',
    before: /^\d{1,15}$/.test(before) ? Number(before) : null,
  };
}

function toSearch({ text, type, projectId }: ChangesQuestion, before: number | null): string {
  const values = { text, type, atlas_project_id: projectId, before: before === null ? '' : String(before) };
  return `?${new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ''))}`;
}

/** What changed, the newest first, by day. */
export function changesPage(
  question: ChangesQuestion,
  { found, next }: FoundChanges,
  options: Omit<ChangesListOptions, 'connections'>,
): Html {
  const { text, type, projectId, before } = question;
  const days = [...Map.groupBy(found, ({ at }) => isoMoment(at).slice(0, 10))];
  const filtered = text + type + projectId !== '';
  return html`<h1 class="title">Changes</h1>
<form id="filter" role="search" aria-label="Changes" method="get">
<label>Text<input type="search" name="text" value="${text}" maxlength="200" placeholder="words: project, id, status, message"></label>
<label>What<select name="type"><option value="">Anything</option>${Object.entries(typeWords).map(([value, label]) => html`<option value="${value}"${value === type ? html` selected` : ''}>${label}</option>`)}</select></label>
${projectId === '' ? '' : html`<input type="hidden" name="atlas_project_id" value="${projectId}">`}
<button type="submit">Filter</button>
</form>
${projectId === '' ? '' : html`<p class="all">Of project <code>${projectId}</code> alone. <a href="/changes">Show all</a></p>`}
${days.map(([day, changes]) => html`<section class="part" aria-labelledby="d-${day}"><h2 id="d-${day}">${day}</h2>${changesList(changes, { ...options, now: changes[0]?.at ?? options.now, connections: true })}</section>`)}
${found.length > 0 ? '' : html`<p class="empty">${emptyWords(filtered, before !== null || next !== null)}</p>`}
<nav class="pager" aria-label="Pages of changes"><ul>${before === null ? '' : html`<li><a href="${toSearch(question, null)}">Newest</a></li>`}${next === null ? '' : html`<li><a href="${toSearch(question, next)}">Older</a></li>`}</ul></nav>
<p class="rest">Atlas tells no times: a change happened between the last poll that saw it otherwise and the poll that found it.</p>`;
}

function emptyWords(filtered: boolean, partial: boolean): string {
  if (filtered) return partial ? 'None of these changes fits the filter.' : 'No kept change fits the filter.';
  return 'No change was seen so far. Connections that were there at the first poll are no change.';
}
