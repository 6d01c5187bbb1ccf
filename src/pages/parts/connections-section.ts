import { html } from 'hono/html';
import type { RecordedChange } from '../../domain/change-log.ts';
import { findings } from '../facts/findings.ts';
import { nothingWords } from '../facts/headline.ts';
import { isFiltered, link, matches, type Question } from '../facts/question.ts';
import { isTroubled, type Row } from '../facts/standing.ts';
import { stretchFor } from '../facts/timeline.ts';
import { count, groupDigits } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { connectionCard } from './connection-card.ts';
import { connectionTable } from './connection-table.ts';
import { filterForm, pageOf, pager, rangePicker, startOf } from './filters.ts';
import { findingCard } from './finding-card.ts';
import type { Scene, StatusPage } from './scene.ts';
import { legend } from './timeline-svg.ts';

const onPage = 30;

/** The connections that pass the filter, one page of them, the worst first. */
export async function connectionsSection(page: StatusPage, named: boolean): Promise<Html> {
  const { question, surveyed } = page;
  const { worst } = surveyed;
  const filtered = isFiltered(question);
  const wanted = filtered ? worst.filter((row) => matches(row, question)) : worst;
  const found = findings(wanted.filter(({ standing }) => isTroubled(standing)));
  const rest = wanted.filter(({ standing }) => !isTroubled(standing));
  const { items, pages } = pageOf([...found, ...rest.map((row) => [row])], question.page, onPage);
  const troubled = items.slice(0, Math.max(0, found.length - startOf(question.page, pages, onPage)));
  const others = items.slice(troubled.length).flat();
  const alone = items.flatMap((rows) => (rows.length === 1 ? rows : []));
  const scene = await sceneOf(page, alone, named);
  const all = count(worst.length, 'connection');
  return html`<section class="part" aria-labelledby="connections"><h2 id="connections" tabindex="-1">${filtered ? `${groupDigits(wanted.length)} of ${all}` : all}</h2>
${filtered ? html`<p class="all"><a href="${link(question, { text: '', status: '', provider: '', kind: '' })}">Show all</a></p>` : ''}
<div class="bar">${filterForm(question, surveyed)}${rangePicker(question, scene.stretch)}</div>
${troubled.length === 0 ? '' : html`<ul>${troubled.map((rows) => card(rows, scene, question))}</ul>`}
${others.length === 0 ? '' : connectionTable(others, scene)}
${items.length > 0 ? '' : html`<p class="empty">${worst.length === 0 ? nothingWords(surveyed) : 'No connection fits the filter.'}</p>`}
${items.length === 0 ? '' : legend()}
${pager(question, 'page', pages, 'connections', 'connections')}
</section>`;
}

function card(rows: readonly Row[], scene: Scene, question: Question): Html {
  const [row] = rows;
  return row && rows.length === 1 ? connectionCard(row, scene) : findingCard(rows, scene, question);
}

async function sceneOf(page: StatusPage, rows: readonly Row[], named: boolean): Promise<Scene> {
  const { view, question, runbookUrl, consoles } = page;
  const kept = await page.changesOf([...new Set(rows.map(({ project }) => project.id))]);
  const byConnection = Map.groupBy(kept.toReversed(), changeKey);
  const changesOf = ({ source, connection }: Row) => byConnection.get(`${source.source.key}/${connection.id}`) ?? [];
  const broken = rows.flatMap(({ standing, since }) => (isTroubled(standing) && since !== null ? [since] : []));
  const stretch = stretchFor(question.range, broken, rows.flatMap(changesOf), view.at);
  return { now: view.at, stretch, runbookUrl, consoles, named, changesOf, classOf: page.classOf };
}

function changeKey({ atlas_project_id, kind, cloud_provider, connection_id }: RecordedChange): string {
  return `${atlas_project_id}/${kind}/${cloud_provider}/${connection_id}`;
}
