import { html } from 'hono/html';
import { type ProjectStatus, toNames } from '../../domain/view.ts';
import { type Headline, headlineOf } from '../facts/headline.ts';
import { count, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { changesList } from './changes-list.ts';
import { clustersSection } from './clusters.ts';
import { connectionsSection } from './connections-section.ts';
import { pageOf, pager } from './filters.ts';
import { headlineSection } from './headline-section.ts';
import { limitFacts } from './limits.ts';
import { pollTroubles } from './poll-troubles.ts';
import { projectTable, sourceTable } from './projects.ts';
import type { StatusPage } from './scene.ts';
import { secretsSection } from './secrets.ts';

export interface Rendered {
  readonly headline: Headline;
  readonly body: Html;
}

const projectsOnPage = 20;

/** The page of the whole fleet. */
export async function fleetPage(page: StatusPage): Promise<Rendered> {
  const { view, surveyed, question } = page;
  const { at: now, projects } = view;
  const headline = headlineOf(surveyed);
  const listed = pageOf(surveyed.projects, question.projects, projectsOnPage);
  const body = html`${headlineSection(page, headline)}
${troublesSection(page)}
${await connectionsSection(page, true)}
${clustersSection(surveyed.clusters, now, true)}
${changesSection(page, toNames(view))}
<section class="part" aria-labelledby="projects"><h2 id="projects">${count(projects.length, 'project')}</h2>
${projects.length === 0 ? html`<p class="empty">No project is watched: see the <a href="/config">config</a>.</p>` : projectTable(listed.items, surveyed, now)}
${pager(question, 'projects', listed.pages, 'projects', 'projects')}
</section>
${secretsSection(view)}`;
  return { headline, body };
}

/** The page of one project. */
export async function projectPage(page: StatusPage, project: ProjectStatus): Promise<Rendered> {
  const { view, surveyed } = page;
  const headline = headlineOf(surveyed);
  const labels = Object.entries(project.labels).map(([name, value]) => `${name}=${value}`);
  const body = html`<nav class="crumbs" aria-label="Breadcrumb"><a href="/">All projects</a> / <span aria-current="page">${visibleText(project.name)}</span></nav>
${headlineSection(page, headline, project)}
${troublesSection(page)}
${await connectionsSection(page, false)}
${clustersSection(surveyed.clusters, view.at, false)}
<section class="part" aria-labelledby="sources"><h2 id="sources">Sources</h2>
${sourceTable(project.sources, view.at)}
<dl><dt>Project</dt><dd><code>${project.id}</code></dd>${regionalMode(project)}${limitFacts(project)}${project.orgId === '' ? '' : html`<dt>Organisation</dt><dd><code>${project.orgId}</code></dd>`}${labels.length === 0 ? '' : html`<dt>Labels</dt><dd><code>${visibleText(labels.join(', '))}</code></dd>`}</dl>
</section>
${secretsSection(view)}
${changesSection(page)}`;
  return { headline, body };
}

function regionalMode({ facts: { regionalMode: mode = null } }: ProjectStatus): Html | '' {
  if (mode === null) return '';
  return html`<dt>Regional mode</dt><dd>${mode ? 'on: several endpoints may be in one region' : 'off'}</dd>`;
}

/** The number of causes that are shown at once. The others need a click, so that the connections stay in sight. */
const causesOpen = 3;

function troublesSection({ view, surveyed, runbookUrl }: StatusPage): Html | '' {
  const cards = pollTroubles(view, surveyed.blind, runbookUrl);
  if (cards.length === 0) return '';
  const rest = cards.slice(causesOpen);
  return html`<section class="part" aria-labelledby="blind"><h2 id="blind">What cannot be read</h2><ul>${cards.slice(0, causesOpen)}</ul>
${rest.length === 0 ? '' : html`<details id="causes"><summary>${count(rest.length, 'more cause')}</summary><ul>${rest}</ul></details>`}</section>`;
}

function changesSection({ latest, view, classOf }: StatusPage, nameOf?: (projectId: string) => string): Html {
  const options = { now: view.at, classOf, connections: true, ...(nameOf && { nameOf }) };
  return html`<section class="part" aria-labelledby="changes"><h2 id="changes">Latest changes</h2>
${latest.length === 0 ? html`<p class="empty">No change was seen so far. Connections that were there at the first poll are no change.</p>` : changesList(latest, options)}
</section>`;
}
