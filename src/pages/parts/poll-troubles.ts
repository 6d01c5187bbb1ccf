import { html } from 'hono/html';
import type { FailureReason } from '../../domain/failure.ts';
import type { FleetView, SourceStatus } from '../../domain/view.ts';
import { count, kindWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';
import { remedies } from '../remedies.ts';
import { ago, icon } from './badge.ts';
import { advice } from './connection-card.ts';
import type { RunbookUrl } from './scene.ts';

interface Trouble {
  readonly reason: FailureReason | 'stale';
  readonly credential: string;
  /** The detail of one of the sources. Those of the others differ in ids alone. */
  readonly detail: string;
  /** The remedy of the failure; null where there is no failure. */
  readonly remedy: string | null;
  readonly sources: readonly SourceStatus[];
}

const mostNamed = 6;

/** The sources that cannot be read: one card for each reason and credential, with the number of projects. */
export function pollTroubles(
  { at: now, projects }: FleetView,
  blind: readonly SourceStatus[],
  runbookUrl: RunbookUrl,
): readonly Html[] {
  if (blind.length === 0) return [];
  const names = new Map(projects.map(({ id, name }) => [id, name]));
  return groups(blind).map(({ reason, credential, detail, remedy, sources }) => {
    const ids = [...new Set(sources.map(({ source }) => source.projectId))];
    const links = ids
      .slice(0, mostNamed)
      .map((id) => html` <a href="/projects/${id}">${visibleText(names.get(id) ?? id)}</a>`);
    const more = ids.length - links.length;
    return html`<li class="card small needs_user"><article aria-label="${remedies[reason].title}">
<header><span class="badge needs_user">${icon('needs_user')}${reason}</span><h3>${remedies[reason].title}</h3><p class="since">${oldest(sources, now)}</p></header>
<p class="detail"><code>${visibleText(detail).slice(0, 1_000).toWellFormed()}</code></p>
${advice(remedies[reason], runbookUrl(remedies[reason]), remedy === null ? undefined : visibleText(`${remedy}.`))}
<p class="who">${count(sources.length, 'source')}${kindsInShort(sources)} of ${count(ids.length, 'project')} with the credential <code>${visibleText(credential)}</code>:${links}${more > 0 ? ` and ${more} more` : ''}</p>
</article></li>`;
  });
}

/** The kinds of the sources, as in `(backup, cluster)`; nothing for clusters alone. */
function kindsInShort(sources: readonly SourceStatus[]): string {
  const kinds = [...new Set(sources.map(({ source }) => source.kind))].sort();
  return kinds.some((kind) => kindWords(kind) !== '') ? ` (${kinds.join(', ')})` : '';
}

function oldest(sources: readonly SourceStatus[], now: number): Html {
  const seen = sources.flatMap(({ state }) => state.freshness.lastSuccess?.wall ?? []);
  if (seen.length === 0) return html`Never read so far`;
  return html`Last read ${ago(Math.min(...seen), now)}`;
}

/** Troubles by reason and credential; the one with the most sources is first. */
function groups(blind: readonly SourceStatus[]): readonly Trouble[] {
  const by = Map.groupBy(
    blind,
    ({ source, state }) => `${state.freshness.failure?.reason ?? 'stale'} ${source.credential}`,
  );
  return [...by.values()]
    .map((sources) => {
      const [{ source, state }] = sources as [SourceStatus];
      const { failure } = state.freshness;
      return {
        reason: failure?.reason ?? ('stale' as const),
        credential: source.credential,
        detail: failure?.detail ?? 'Not polled for too long',
        remedy: failure?.remedy ?? null,
        sources,
      };
    })
    .sort((a, b) => b.sources.length - a.sources.length);
}
