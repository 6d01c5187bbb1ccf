import { html } from 'hono/html';
import type { RecordedChange } from '../../domain/change-log.ts';
import { classOfConnection } from '../../domain/connection-class.ts';
import type { StatusClass } from '../../domain/status.ts';
import { interfaceEndpointClass } from '../../domain/status.ts';
import { isWell, type Part, type Row } from '../facts/standing.ts';
import { isBlind } from '../facts/survey.ts';
import { type Stretch, type TimelineLane, toLane } from '../facts/timeline.ts';
import { durationWords, momentWords, visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';

const width = 1_000;
const laneHeight = 14;
const smallLaneHeight = 8;
const errorHeight = 4;
const gap = 3;
/** The least width of a segment, so that a second in a month can be seen. */
const narrowest = 3;
/** The most lanes of interface endpoints: a connection may have fifty. */
const mostEndpoints = 3;

interface Drawn {
  readonly lane: TimelineLane;
  readonly classOf: (status: string) => StatusClass;
  readonly height: number;
}

/**
 * The timeline of a connection, and of its interface endpoints that changed or are not well. `changes` are those of the
 * connection and its interface endpoints, the oldest first.
 */
export function timeline(row: Row, changes: readonly RecordedChange[], stretch: Stretch, small = false): Html {
  const drawn = [ownLane(row, changes, stretch), ...(small ? [] : endpointLanes(row, changes, stretch))];
  const height = drawn.reduce((sum, { height }) => sum + height + errorHeight + gap, 0);
  let top = 0;
  const lanes = drawn.map((lane) => {
    const y = top;
    top += lane.height + errorHeight + gap;
    return laneSvg(lane, y, stretch);
  });
  return html`<svg class="timeline" role="img" aria-label="${inWords(row, changes, stretch)}" viewBox="0 0 ${width} ${height}" height="${height}" preserveAspectRatio="none">${lanes}</svg>`;
}

function ownLane({ source, connection, own }: Row, changes: readonly RecordedChange[], stretch: Stretch): Drawn {
  const mine = changes.filter(({ interface_endpoint_id }) => interface_endpoint_id === undefined);
  const api = source.state.ledger?.snapshot.api ?? source.source.api;
  return {
    lane: toLane(present(own, source), mine, stretch),
    classOf: (status) => classOfConnection(source.source.kind, api, connection, status),
    height: laneHeight,
  };
}

function endpointLanes(row: Row, changes: readonly RecordedChange[], stretch: Stretch): readonly Drawn[] {
  const { source, connection, endpoints } = row;
  const lanes = endpoints.flatMap(({ endpoint, part }): Drawn[] => {
    if (!part) return [];
    const mine = changes.filter(({ interface_endpoint_id: id }) => id !== undefined && sameId(id, endpoint.id));
    if (isWell(part) && !mine.some(({ at }) => at >= stretch.from)) return [];
    return [
      {
        lane: toLane(present(part, source), mine, stretch),
        classOf: (status) => interfaceEndpointClass(source.source.kind, connection.cloudProvider, status),
        height: smallLaneHeight,
      },
    ];
  });
  return lanes.slice(0, mostEndpoints);
}

/** Whether two ids are the same. Azure changes the case of its ids. */
function sameId(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

function present({ status, errorMessage, history, unreadable }: Part, source: Row['source']) {
  const { lastSuccess } = source.state.freshness;
  const lastSeen = isBlind(source)
    ? (lastSuccess?.wall ?? null)
    : unreadable === undefined
      ? null
      : (history?.lastRead ?? null);
  const since = history?.statusSince ?? null;
  return { status, errorMessage, since, firstLook: history?.statusNotBefore === undefined ? since : null, lastSeen };
}

function laneSvg({ lane, classOf, height }: Drawn, y: number, { from, to }: Stretch): Html {
  const x = (at: number) => Math.round(((at - from) / (to - from)) * width);
  const rect = (start: number, end: number, top: number, tall: number, name: string, title: string) => {
    const wide = Math.max(narrowest, x(end) - x(start));
    const left = Math.min(x(start), width - wide);
    return html`<rect class="${name}" x="${left}" y="${top}" width="${wide}" height="${tall}"><title>${title}</title></rect>`;
  };
  return html`<rect class="nothing" x="0" y="${y}" width="${width}" height="${height}"/>${lane.segments.map(
    (segment) =>
      segment.status === null
        ? ''
        : rect(
            segment.from,
            segment.to,
            y,
            height,
            `${classOf(segment.status)}${segment.presumed ? ' presumed' : ''}`,
            spanWords(`${visibleText(segment.status)}${segment.presumed ? ', as far as known,' : ''}`, segment),
          ),
  )}${lane.unseen.map((gap) => rect(gap.from, gap.to, y, height, 'unseen-time', spanWords('Nobody could look', gap)))}${lane.errors.map(
    (error) => rect(error.from, error.to, y + height, errorHeight, 'message', spanWords('Error message', error)),
  )}${lane.marks.map(({ at, change }) =>
    rect(at, at, y + height - 3, errorHeight + 3, `mark ${change}`, `Error message ${change} ${momentWords(at)}`),
  )}`;
}

function spanWords(what: string, { from, to }: { readonly from: number; readonly to: number }): string {
  return `${what} for ${durationWords(to - from)} from ${momentWords(from)}`;
}

/** The timeline in words, for screen readers. */
function inWords({ own }: Row, changes: readonly RecordedChange[], { words, from }: Stretch): string {
  const shown = changes.filter(({ at }) => at >= from).length;
  const told = shown === 0 ? 'no change' : shown === 1 ? '1 change' : `${shown} changes`;
  return `Timeline of the last ${words}: ${told}, now ${visibleText(own.status)}${own.errorMessage === null ? '' : ' with an error message'}`;
}

/** What the bars of the timelines mean. */
export function legend(): Html {
  const swatch = (name: string) =>
    html`<svg class="timeline swatch" aria-hidden="true" viewBox="0 0 24 12"><rect class="${name}" width="24" height="12"/></svg>`;
  const meanings = [
    ['ready', 'ready'],
    ['progressing', 'in progress'],
    ['needs_user', 'waits for you'],
    ['failed', 'failed'],
    ['deleting', 'being deleted'],
    ['unknown', 'unknown status'],
    ['ready presumed', 'as far as the kept changes tell'],
    ['unseen-time', 'nobody looked, or Atlas could not be read'],
    ['message', 'the thin line: an error message'],
  ] as const;
  return html`<ul class="legend" aria-label="Meaning of the timelines">${meanings.map(([name, words]) => html`<li>${swatch(name)}${words}</li>`)}</ul>`;
}
