import { html } from 'hono/html';
import type { ProjectStatus } from '../../domain/view.ts';
import type { Headline } from '../facts/headline.ts';
import type { Question } from '../facts/question.ts';
import { isTroubled, type Row, standingWords } from '../facts/standing.ts';
import type { Survey } from '../facts/survey.ts';
import { atLeastWords, durationWords, groupDigits, kindWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { tiles } from './filters.ts';
import { rowId, type StatusPage } from './scene.ts';

const mostNamed = 3;

/** The top of a page: headline, newest trouble, freshness, counts. */
export function headlineSection(
  { view: { at }, question, surveyed }: Pick<StatusPage, 'view' | 'question' | 'surveyed'>,
  headline: Headline,
  project?: ProjectStatus,
): Html {
  const name = project ? html`<span class="of">${visibleText(project.name)}</span> ` : '';
  return html`<section class="headline ${headline.tone}" aria-label="Summary"><div role="status"><h1>${name}${headline.title}</h1></div>
${newest(surveyed.worst, at, project !== undefined)}
${headline.lines.map((line) => html`<p>${line}</p>`)}
${freshness(surveyed, at, headline)}
${tileList(question, surveyed)}</section>`;
}

function tileList(question: Question, surveyed: Survey): Html | '' {
  return surveyed.connections === 0 ? '' : tiles(question, surveyed);
}

/** The connections with the newest trouble, so that they are seen without scrolling. */
function newest(worst: readonly Row[], now: number, inProject: boolean): Html | '' {
  const named = worst.slice(0, mostNamed).filter(({ standing }) => isTroubled(standing));
  if (named.length === 0) return '';
  const items = named.map((row) => {
    const { project, source, connection, standing, since } = row;
    const where = `${connection.cloudProvider} ${visibleText(connection.region)}${kindWords(source.source.kind)}`;
    const what = inProject ? where : `${visibleText(project.name)}, ${where}`;
    const long = since === null ? '' : ` ${atLeastWords({ at: since }, now)}`;
    return html`<li><a href="${inProject ? '' : `/projects/${project.id}`}#${rowId(row)}">${what}</a>: ${standingWords[standing].toLowerCase()}${long}</li>`;
  });
  const more = worst.filter(({ standing }) => isTroubled(standing)).length - named.length;
  return html`<ul class="newest">${items}${more > 0 ? html`<li><a href="${inProject ? '' : './'}#connections">and ${groupDigits(more)} more</a></li>` : ''}</ul>`;
}

function freshness({ oldestFresh }: Survey, now: number, { lines }: Headline): Html | '' {
  if (oldestFresh === null) return '';
  const what = lines.length === 0 ? 'Everything' : 'The rest';
  return html`<p>${what} was read from Atlas within the last ${durationWords(now - oldestFresh)}</p>`;
}
