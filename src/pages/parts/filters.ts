import { html } from 'hono/html';
import { link, type Question } from '../facts/question.ts';
import { isTroubled, standings, standingWords } from '../facts/standing.ts';
import type { Survey } from '../facts/survey.ts';
import { ranges, type Stretch } from '../facts/timeline.ts';
import { groupDigits, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';

/** The filter form. It works without JavaScript, because the URL is the filter; it offers the values that occur. */
export function filterForm(question: Question, { statuses, clouds, kinds }: Survey): Html {
  const meanings: readonly (readonly [string, string])[] = [
    ['troubled', 'Needs attention'],
    ...standings.map((standing) => [standing, standingWords[standing]] as const),
  ];
  return html`<form id="filter" role="search" aria-label="Connections" method="get">
<label>Text<input type="search" name="text" value="${question.text}" maxlength="200" placeholder="words: project, id, region, status, message"></label>
<label>Status<select name="status"><option value="">Any</option>
<optgroup label="Meaning">${meanings.map(([value, label]) => option(value, label, question.status))}</optgroup>
<optgroup label="Status in Atlas">${options(statuses, question.status)}</optgroup></select></label>
<label>Cloud<select name="provider"><option value="">Any</option>${options(clouds, question.provider)}</select></label>
<label>Kind<select name="kind"><option value="">Any</option>${options(kinds, question.kind)}</select></label>
${question.range === 'auto' ? '' : html`<input type="hidden" name="range" value="${question.range}">`}
<button type="submit">Filter</button>
</form>`;
}

function options(words: ReadonlySet<string>, chosen: string): readonly Html[] {
  return [...words].sort().map((word) => option(word, word, chosen));
}

function option(value: string, label: string, chosen: string): Html {
  return html`<option value="${value}"${value === chosen ? html` selected` : ''}>${visibleText(label)}</option>`;
}

/** The number of connections in each standing, each with a link to them. */
export function tiles(question: Question, { by }: Survey): Html {
  const shown = standings.map((standing) => {
    if (by[standing] === 0 && standing !== 'failed' && standing !== 'ready') return '';
    const tone = by[standing] === 0 ? 'zero' : isTroubled(standing) ? 'trouble' : '';
    return html`<li class="${standing} ${tone}"><a href="${link(question, { status: standing })}#connections"><b>${groupDigits(by[standing])}</b> ${standingWords[standing]}</a></li>`;
  });
  return html`<ul class="tiles">${shown}</ul>`;
}

export function rangePicker(question: Question, stretch: Stretch): Html {
  const links = ranges.map(({ name }) =>
    name === stretch.name
      ? html`<li><a href="${link(question, { range: name })}#connections" aria-current="true">${name}</a></li>`
      : html`<li><a href="${link(question, { range: name })}#connections">${name}</a></li>`,
  );
  return html`<nav class="ranges" aria-label="Stretch of the timelines"><span>Timelines</span><ul>${links}</ul></nav>`;
}

/** Links to the pages of a list; nothing when there is one page. `parameter` names the list in the URL. */
export function pager(
  question: Question,
  parameter: 'page' | 'projects',
  pages: number,
  what: string,
  anchor: string,
): Html | '' {
  if (pages <= 1) return '';
  const page = Math.min(question[parameter], pages);
  const to = (number: number, label: string) =>
    number < 1 || number > pages
      ? html`<li><span>${label}</span></li>`
      : html`<li><a href="${link(question, { [parameter]: number })}#${anchor}">${label}</a></li>`;
  return html`<nav class="pager" aria-label="Pages of ${what}"><ul>${to(page - 1, 'Previous')}<li><span aria-current="page">Page ${page} of ${groupDigits(pages)}</span></li>${to(page + 1, 'Next')}</ul></nav>`;
}

export function pageOf<T>(
  items: readonly T[],
  page: number,
  size: number,
): { readonly items: readonly T[]; readonly pages: number } {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const start = startOf(page, pages, size);
  return { items: items.slice(start, start + size), pages };
}

/** How many items stand on the pages before; a page after the last is the last. */
export function startOf(page: number, pages: number, size: number): number {
  return (Math.min(page, pages) - 1) * size;
}
