import { html, raw } from 'hono/html';
import type { StatusClass } from '../../domain/status.ts';
import { betweenWords, durationWords, isoMoment, momentWords, type Span, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';

/** A shape for each meaning: colours alone do not tell them apart for every reader. */
const shapes: Readonly<Record<StatusClass, string>> = {
  failed: '<path d="M4 4l8 8M12 4l-8 8"/>',
  needs_user: '<path d="M8 3v6M8 12v1"/>',
  unknown: '<path d="M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M8 12.5v.5"/>',
  progressing: '<path d="M8 3a5 5 0 1 1-5 5"/><path d="M3 4v4h4"/>',
  deleting: '<path d="M3.5 8h9"/>',
  ready: '<path d="M3 8.5l3.5 3.5L13 5"/>',
};

/** The pattern of the times in which nobody looked. */
const hatch =
  '<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="8" height="8"/><path class="hatch-line" d="M2 0v8"/></pattern>';

/** The shapes of all badges; a page holds them once. */
export function iconSprite(): Html {
  const symbols = Object.entries(shapes).map(
    ([name, shape]) => `<symbol id="i-${name}" viewBox="0 0 16 16">${shape}</symbol>`,
  );
  return html`<svg class="sprite" aria-hidden="true" width="0" height="0">${raw(symbols.join(''))}${raw(hatch)}</svg>`;
}

export function icon(statusClass: StatusClass): Html {
  return html`<svg class="icon" aria-hidden="true"><use href="#i-${statusClass}"/></svg>`;
}

/** A status in Atlas' own word, in the colour of its meaning. */
export function badge(statusClass: StatusClass, word: string): Html {
  return html`<span class="badge ${statusClass}">${icon(statusClass)}${visibleText(word)}</span>`;
}

export function moment(wall: number): Html {
  return html`<time datetime="${isoMoment(wall)}">${momentWords(wall)}</time>`;
}

/** `between 19:57 and 20:00 UTC`; where nobody looked before it was seen, that. The exact times are its title. */
export function began(span: Span, now: number): Html {
  if (span.notBefore === null)
    return html`<span title="${`First seen ${momentWords(span.at)}`}">since before we looked</span>`;
  const title = `After ${momentWords(span.notBefore)}, at the latest ${momentWords(span.at)}`;
  return html`<time datetime="${isoMoment(span.at)}" title="${title}">began ${betweenWords(span, now)}</time>`;
}

/** `12 min ago`, with the exact time as its title. */
export function ago(wall: number, now: number): Html {
  return html`<time datetime="${isoMoment(wall)}" title="${momentWords(wall)}">${durationWords(now - wall)} ago</time>`;
}

/** `in 12 s`. */
export function until(wall: number, now: number): Html {
  const words = wall <= now ? 'now' : `in ${durationWords(wall - now)}`;
  return html`<time datetime="${isoMoment(wall)}" title="${momentWords(wall)}">${words}</time>`;
}
