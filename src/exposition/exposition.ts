/** What `/metrics` serves: a list of pieces in the order of the catalogue, never one joined text. */
import type { Clock } from '../domain/time.ts';
import type { ProjectView, RemovedProject, SourceView } from '../domain/view.ts';
import type { Description, Format, OwnFamily } from '../metrics/family.ts';
import { createGzipMember } from './gzip-member.ts';
import { dropText, ensureText, type Form, type Piece, toPiece } from './piece.ts';
import { createSections, type Sections } from './sections.ts';
import { endText, headerText, ownSampleText } from './text.ts';

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
   * The bytes of one answer, as they are or as one gzip member. What did not change since the last answer is the very same
   * Buffer, and when nothing did it is the very same list.
   */
  render(exposed: Exposed, format: Format, compressed?: boolean): Promise<readonly Buffer[]>;
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
/** Plain text is kept while somebody asks for it: after so many refreshes that only gzip was asked of it is let go. */
const plainForRefreshes = 10;
/** How long rendering may keep everything else waiting. */
const sliceMs = 5;

export function createExposition({ errorMessageText, clock, yieldTurn }: ExpositionOptions): Exposition {
  let shown: Shown | null = null;
  const headers = createHeaders();
  const toMember = createGzipMember();
  /** How often something was refreshed since plain text was last asked for. */
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
      // One after the other: two that render the same blocks at once would do everything twice.
      const rendered = turn.then(() => render(exposed, format, compressed));
      turn = rendered.catch(() => {});
      return rendered;
    },
  };
}

/** What was rendered, and as of when. */
interface Shown {
  readonly sections: Sections;
  readonly own: readonly OwnFamily[];
  readonly revision: number;
  readonly withErrorText: boolean;
  /** When what moves all the time was last rendered, monotonic ms. */
  readonly refreshedAt: number;
  /** Those that somebody asked for. */
  readonly answers: Readonly<Record<'plain' | 'gzip', Map<Format, readonly Buffer[]>>>;
}

/** Renders again whatever is no longer as it was shown; the very same object when nothing is to be done yet. */
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
  // All of one moment: everything is read before the first pause.
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

/** The pieces of an answer. A family without samples is not there at all. */
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

/** The same piece again and again. */
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
  // Whatever is in no block.
  await ensureText(pieces);
  return pieces.map(({ text }) => text as Buffer);
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
