/** The exposition that `/metrics` serves: a list of pieces in the order of the catalogue, never joined to one text. */
import type { Clock } from '../domain/time.ts';
import type { ProjectView, RemovedProject, SourceView } from '../domain/view.ts';
import type { Description, Format, OwnFamily } from '../metrics/family.ts';
import { createGzipMember } from './gzip-member.ts';
import { dropText, ensureText, type Form, type Piece, toPiece } from './piece.ts';
import { createSections, type Sections } from './sections.ts';
import { endText, headerText, ownSampleText } from './text.ts';

export interface Exposed {
  /** Changes whenever anything may have changed but success times and the exporter's own families. */
  readonly revision: number;
  /** Sources in the order in which they are shown, none twice. */
  readonly sources: Iterable<SourceView>;
  readonly projects: Iterable<ProjectView>;
  readonly removedProjects: Iterable<RemovedProject>;
  /** Reads out the exporter's own families. */
  readonly own: () => Promise<readonly OwnFamily[]>;
}

export interface Exposition {
  /**
   * The bytes of one answer, plain or as one gzip member. A part that did not change since the last answer is the very
   * same Buffer. When nothing changed, the answer is the very same list.
   */
  render(exposed: Exposed, format: Format, compressed?: boolean): Promise<readonly Buffer[]>;
}

export interface ExpositionOptions {
  /** Says whether the label `error_message` is filled in. */
  readonly errorMessageText: () => boolean;
  readonly clock: Clock;
  /** Lets the event loop run other work before it goes on. */
  readonly yieldTurn: () => Promise<void>;
}

/** Success times and the exporter's own families change all the time, so they are rendered again once a second at most. */
const refreshEveryMs = 1_000;
/** Plain text is dropped after this many refreshes in which scrapers asked for gzip alone. */
const plainForRefreshes = 10;
/** The longest that rendering holds the event loop before it yields. */
const sliceMs = 5;

export function createExposition({ errorMessageText, clock, yieldTurn }: ExpositionOptions): Exposition {
  let shown: Shown | null = null;
  const headers = createHeaders();
  const toMember = createGzipMember();
  // Counts refreshes since plain text was last asked for.
  let refreshesWithoutPlain = Number.POSITIVE_INFINITY;
  let turn: Promise<unknown> = Promise.resolve();

  const render = async (exposed: Exposed, format: Format, compressed: boolean): Promise<readonly Buffer[]> => {
    const form = compressed && refreshesWithoutPlain >= plainForRefreshes ? 'deflated' : 'text';
    const before = shown;
    shown = await refresh(before, exposed, form, errorMessageText(), { clock, yieldTurn });
    if (!compressed) refreshesWithoutPlain = 0;
    else if (shown !== before) refreshesWithoutPlain += 1;

    const answers = shown.answers[compressed ? 'gzip' : 'plain'];
    const known = answers.get(format);
    if (known) return known;
    const pieces = assemble(shown, format, headers);
    const answer = compressed ? await toMember(pieces, format) : await toText(pieces, shown.sections);
    if (form === 'deflated') dropText(pieces);
    answers.set(format, answer);
    return answer;
  };

  return {
    render(exposed, format, compressed = false) {
      // Renderings run one after the other: two at once would render the same blocks twice.
      const rendered = turn.then(() => render(exposed, format, compressed));
      turn = rendered.catch(() => {});
      return rendered;
    },
  };
}

/** The rendered state, and its time. */
interface Shown {
  readonly sections: Sections;
  readonly own: readonly OwnFamily[];
  readonly revision: number;
  readonly withErrorText: boolean;
  /** Monotonic ms at which success times and own families were last rendered. */
  readonly refreshedAt: number;
  /** Answers that were asked for so far. */
  readonly answers: Readonly<Record<'plain' | 'gzip', Map<Format, readonly Buffer[]>>>;
}

/** Renders what changed. Returns the very same object when nothing changed and no refresh is due. */
async function refresh(
  before: Shown | null,
  { revision, own, ...exposed }: Exposed,
  form: Form,
  withErrorText: boolean,
  { clock, yieldTurn }: Pick<ExpositionOptions, 'clock' | 'yieldTurn'>,
): Promise<Shown> {
  const now = clock.monotonic();
  const changed = before?.revision !== revision || before.withErrorText !== withErrorText;
  const due = before === null || now - before.refreshedAt >= refreshEveryMs;
  if (before && !changed && !due) return before;

  const breathe = createBreath(clock, yieldTurn);
  // Views are all of one moment: everything is read before the first pause.
  const views = {
    sources: [...exposed.sources],
    projects: changed ? [...exposed.projects] : [],
    removedProjects: [...exposed.removedProjects],
  };
  const ownFamilies = due ? await own() : before.own;
  await breathe();
  const sections = before?.withErrorText === withErrorText ? before.sections : createSections(withErrorText);
  await sections.update(views, changed, form, breathe);
  return {
    revision,
    withErrorText,
    refreshedAt: due ? now : before.refreshedAt,
    sections,
    own: ownFamilies,
    answers: { plain: new Map(), gzip: new Map() },
  };
}

/** The pieces of an answer. A family without samples has no header either. */
function assemble(
  { sections, own }: Shown,
  format: Format,
  headers: ReturnType<typeof createHeaders>,
): readonly Piece[] {
  const pieces = sections.all.flatMap((section) =>
    [...section.families()].flatMap(([family, samples]) =>
      samples.length === 0 ? [] : [headers(family, format), ...samples],
    ),
  );
  const rest = own.map((family) => ownText(family, format)).join('') + endText(format);
  return rest === '' ? pieces : [...pieces, toPiece(rest)];
}

/** Header pieces, each made once: an unchanged header is the very same piece in every answer. */
function createHeaders(): (family: Description, format: Format) => Piece {
  const known = new Map<string, Piece>();
  return (family, format) => {
    const key = `${format} ${family.name}`;
    const header = known.get(key) ?? toPiece(headerText(family, format));
    known.set(key, header);
    return header;
  };
}

function ownText(family: OwnFamily, format: Format): string {
  const samples = ownSampleText(family);
  return samples === '' ? '' : headerText(family, format) + samples;
}

async function toText(pieces: readonly Piece[], sections: Sections): Promise<readonly Buffer[]> {
  for (const section of sections.all) await section.ensureText();
  // Headers and own families stand in no block.
  await ensureText(pieces);
  return pieces.map(({ text }) => text as Buffer);
}

/** Yields when the last pause is longer ago than a slice. */
function createBreath(clock: Clock, yieldTurn: () => Promise<void>): () => Promise<void> {
  let since = clock.monotonic();
  return async () => {
    if (clock.monotonic() - since < sliceMs) return;
    await yieldTurn();
    since = clock.monotonic();
  };
}
