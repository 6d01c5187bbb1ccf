import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { type Remedy, remedies } from '../remedies.ts';

/** The help page: the meaning of every bad status and every reason of failure, and the runbook of every alert. */
export function helpPage(runbooks: readonly string[]): Html {
  const sections = Object.values<Remedy>(remedies).map(
    ({
      slug,
      runbook,
      title,
      meaning,
      steps,
      lastResort,
    }) => html`<section id="${slug}" aria-labelledby="${slug}-title"><h2 id="${slug}-title">${title}</h2>
<p>${meaning}</p>
<ol>${steps.map((step) => html`<li>${step}</li>`)}${lastResort === undefined ? '' : html`<li><b>Last, because it breaks something:</b> ${lastResort}</li>`}</ol>
<p class="who">The runbook: <a href="/help/${runbook}">${runbook}</a></p></section>`,
  );
  return html`<div class="help"><section class="headline" aria-label="Help"><h1>What it means, and what to do</h1>
<p>Troubled connections stand first on the status page, the newest first. A timeline shows the status of a connection in its colour, and below it a thin line while Atlas reported an error message; it is hatched where nobody looked.</p></section>
${sections}
<section aria-labelledby="runbooks"><h2 id="runbooks">Runbooks of all alerts</h2>
<ul>${runbooks.map((name) => html`<li><a href="/help/${name}">${name}</a></li>`)}</ul></section></div>`;
}
