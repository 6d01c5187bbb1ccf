import { hash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { Tone } from './facts/headline.ts';
import { momentWords } from './facts/words.ts';
import type { Html } from './html.ts';
import { iconSprite } from './parts/badge.ts';
import { script } from './script.ts';
import { style } from './style.ts';

/** The policy allows this server's style and script by their hashes. It forbids other sources, and frames around the page. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src '${source(script)}'`,
  `style-src '${source(style)}'`,
  'img-src data:',
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function source(text: string): string {
  return `sha256-${hash('sha256', text, 'base64')}`;
}

const dots: Readonly<Record<Tone, string>> = {
  bad: '%23d92d20',
  warn: '%23f0a31c',
  good: '%2343b97f',
  none: '%2398a2b3',
};

export interface Shell {
  readonly title: string;
  readonly tone: Tone;
  readonly now: number;
  readonly telemetryPath: string;
  readonly body: Html;
  /** The target of the skip link, for keyboards and screen readers. */
  readonly skipTo: { readonly anchor: string; readonly words: string } | null;
}

export async function page({ title, tone, now, telemetryPath, body, skipTo }: Shell): Promise<string> {
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<link id="favicon" rel="icon" href="data:image/svg+xml,${raw(`%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='${dots[tone]}'/%3E%3C/svg%3E`)}">
<style>${raw(style)}</style>
</head>
<body>
${skipTo ? html`<a class="skip" href="#${skipTo.anchor}">${skipTo.words}</a>` : ''}
${iconSprite()}
<p id="lost" role="alert" hidden>The exporter does not answer: what you see is old</p>
<header class="top">
<a class="brand" href="/">Atlas private endpoints</a>
<nav aria-label="Site"><ul>
<li><a href="/">Status</a></li>
<li><a href="${telemetryPath}">Metrics</a></li>
<li><a href="/changes">Changes</a></li>
<li><a href="/config">Config</a></li>
<li><a href="/help">Help</a></li>
</ul></nav>
<button id="refresh" type="button" aria-pressed="true" hidden>Live</button>
</header>
<main>
${body}
</main>
<footer id="foot"><p>As of ${momentWords(now)}. All times are UTC.</p></footer>
<script>${raw(script)}</script>
</body>
</html>
`,
  );
}
