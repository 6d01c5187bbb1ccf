import { html } from 'hono/html';
import type { Html } from '../html.ts';
import { type Remedy, remedies } from '../remedies.ts';

/** The help page: the meaning of every bad status and every reason of failure, for readers without the runbooks. */
export function helpPage(): Html {
  const sections = Object.values<Remedy>(remedies).map(
    ({
      slug,
      runbook,
      title,
      meaning,
      steps,
    }) => html`<section id="${slug}" aria-labelledby="${slug}-title"><h2 id="${slug}-title">${title}</h2>
<p>${meaning}</p>
<ol>${steps.map((step) => html`<li>${step}</li>`)}</ol>
<p class="who">More in the documentation: <code>docs/runbooks/${runbook}.md</code></p></section>`,
  );
  return html`<div class="help"><section class="headline" aria-label="Help"><h1>What it means, and what to do</h1>
<p>Troubled connections stand first on the status page, the newest first. A timeline shows the status of a connection in its colour, and below it a thin line while Atlas reported an error message.</p></section>
${sections}</div>`;
}
