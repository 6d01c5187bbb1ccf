/** What `/metrics` serves: a list of pieces in the order of the catalogue, never one joined text. */
import type { Clock } from '../domain/change.ts';
import type { Blocks } from './blocks.ts';
import { projectFamilies, sourceFamilies } from './catalogue.ts';
import type { Description, Family, Format, OwnFamily } from './family.ts';
import { keptText } from './kept.ts';
import { createLayers, type Layers } from './layers.ts';
import {
  healthFamilies,
  lastSuccess,
  type ProjectView,
  projectRemoved,
  type RemovedProject,
  type SourceView,
} from './sources.ts';
import { createSamples, endText, headerText, ownSampleText, type Samples } from './text.ts';

export interface Exposed {
  /** Another number whenever anything but success times and the exporter's own families may be another. */
  readonly revision: number;
  /** In the order in which they are shown, no source twice. */
  readonly sources: Iterable<SourceView>;
  readonly projects: Iterable<ProjectView>;
  readonly removedProjects: Iterable<RemovedProject>;
  /** Reads out the exporter's own families. */
  readonly own: () => Promise<readonly OwnFamily[]>;
}

export interface Exposition {
  /**
   * The pieces of one answer. A piece that did not change since the last answer is the very same Buffer, and when none
   * did it is the very same list.
   */
  render(exposed: Exposed, format: Format): Promise<readonly Buffer[]>;
}

export interface ExpositionOptions {
  /** Whether the label `error_message` is filled in. */
  readonly errorMessageText: () => boolean;
  readonly clock: Clock;
  /** Lets everything else that waits have its turn. */
  readonly yieldTurn: () => Promise<void>;
}

/** Success times and the exporter's own families move all the time: they are rendered again at most so often. */
const refreshEveryMs = 1_000;
/** How long rendering may keep everything else waiting. */
const sliceMs = 5;
const itemsInSlice = 100;

export function createExposition({ errorMessageText, clock, yieldTurn }: ExpositionOptions): Exposition {
  let shown: Shown | null = null;
  const samples = { removed: createSamples(projectRemoved), times: createSamples(lastSuccess) };
  let turn: Promise<unknown> = Promise.resolve();

  const render = async (exposed: Exposed, format: Format): Promise<readonly Buffer[]> => {
    shown = await refresh(shown, exposed, errorMessageText(), { clock, yieldTurn }, samples);
    const pieces = shown.assembled.get(format) ?? assemble(shown, format);
    shown.assembled.set(format, pieces);
    return pieces;
  };

  return {
    render(exposed, format) {
      // One after the other: two that render the same blocks at once would do everything twice.
      const rendered = turn.then(() => render(exposed, format));
      turn = rendered.catch(() => {});
      return rendered;
    },
  };
}

/** What was rendered, and as of when. */
interface Shown {
  readonly revision: number;
  readonly withErrorText: boolean;
  /** When what moves all the time was last rendered, monotonic ms. */
  readonly refreshedAt: number;
  readonly layers: Layers;
  /** Samples without their headers. */
  readonly removed: readonly Buffer[];
  readonly times: readonly Buffer[];
  readonly own: readonly OwnFamily[];
  readonly assembled: Map<Format, readonly Buffer[]>;
}

/** Renders again whatever is no longer as it was shown; the very same object when nothing is to be done yet. */
async function refresh(
  before: Shown | null,
  { revision, sources, projects, removedProjects, own }: Exposed,
  withErrorText: boolean,
  { clock, yieldTurn }: Pick<ExpositionOptions, 'clock' | 'yieldTurn'>,
  samples: { readonly removed: Samples<RemovedProject>; readonly times: Samples<SourceView> },
): Promise<Shown> {
  const now = clock.monotonic();
  const changed = before?.revision !== revision || before.withErrorText !== withErrorText;
  const due = before === null || now - before.refreshedAt >= refreshEveryMs;
  if (before && !changed && !due) return before;

  // All of one moment: everything is read before the first pause.
  const views = [...sources];
  const gone = [...removedProjects];
  const layers = before?.withErrorText === withErrorText ? before.layers : createLayers(withErrorText);
  const breathe = createBreath(clock, yieldTurn);
  if (changed) await layers.update(views, projects, breathe);
  const removed = await slicedPiece(samples.removed, gone, breathe);
  const times = await slicedPiece(samples.times, views, breathe);
  return {
    revision,
    withErrorText,
    refreshedAt: due ? now : before.refreshedAt,
    layers,
    removed,
    times,
    own: due ? await own() : before.own,
    assembled: new Map(),
  };
}

function assemble({ layers, removed, times, own }: Shown, format: Format): readonly Buffer[] {
  const ofBlocks = <V, T>(families: readonly Family<T>[], blocks: Blocks<V>) =>
    families.flatMap((family, index) => withHeader(family, blocks.piecesOf(index), format));
  const ownTexts = own.map((family) => {
    const samples = ownSampleText(family);
    return samples === '' ? '' : headerText(family, format) + samples;
  });
  const rest = ownTexts.join('') + endText(format);
  return [
    ...ofBlocks(projectFamilies, layers.projects),
    ...ofBlocks(sourceFamilies, layers.ledgers),
    ...withHeader(projectRemoved, removed, format),
    ...ofBlocks(healthFamilies, layers.health),
    ...withHeader(lastSuccess, times, format),
    ...(rest === '' ? [] : [keptText(rest)]),
  ];
}

/** A family without samples is not there at all. */
function withHeader(family: Description, samples: readonly Buffer[], format: Format): readonly Buffer[] {
  return samples.length === 0 ? [] : [headerOf(family, format), ...samples];
}

const headers = new WeakMap<Description, Map<Format, Buffer>>();

/** The same Buffer again and again. */
function headerOf(family: Description, format: Format): Buffer {
  const known = headers.get(family) ?? new Map<Format, Buffer>();
  headers.set(family, known);
  const header = known.get(format) ?? keptText(headerText(family, format));
  known.set(format, header);
  return header;
}

/** The sample lines of these items, with a breath after so many of them. */
async function slicedPiece<T>(
  samples: Samples<T>,
  items: readonly T[],
  breathe: () => Promise<void>,
): Promise<readonly Buffer[]> {
  // A rendering that failed may have left something.
  samples.clear();
  for (let at = 0; at < items.length; at += itemsInSlice) {
    samples.add(items.slice(at, at + itemsInSlice));
    await breathe();
  }
  const piece = samples.keep();
  return piece ? [piece] : [];
}

/** A pause whenever the last one is long ago. */
function createBreath(clock: Clock, yieldTurn: () => Promise<void>): () => Promise<void> {
  let since = clock.monotonic();
  return async () => {
    if (clock.monotonic() - since < sliceMs) return;
    await yieldTurn();
    since = clock.monotonic();
  };
}
