import { html } from 'hono/html';
import { type Row, standingWords } from '../facts/standing.ts';
import { kindWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { clustersBehind } from './clusters.ts';
import type { Consoles } from './consoles.ts';
import { message } from './message.ts';
import { rowId } from './scene.ts';

/** What a runbook is read for: the connection of the alert as it stands now. */
export function runbookSubject(row: Row, now: number, consoles: Consoles): Html {
  const { project, source, connection, standing, worst } = row;
  return html`<section class="about" aria-label="What it is about"><p>About <a href="/projects/${project.id}#${rowId(row)}">${visibleText(project.name)}, ${connection.cloudProvider} ${visibleText(connection.region)}${kindWords(source.source.kind)}</a>: now ${standingWords[standing].toLowerCase()} (${visibleText(worst.status)})</p>
${message(worst, project, now)}${clustersBehind(row)}${consoles.links(row)}</section>`;
}
