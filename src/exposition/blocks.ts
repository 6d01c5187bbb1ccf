/**
 * Rendered text, kept until something that it shows changes. Some 64 sources share a block, and a block has one piece
 * for each family: one string for each source would cost more than the text itself, and one text for all would have to
 * be rendered again with each change.
 */
import type { Description, Family } from '../metrics/family.ts';
import { ensureText, type Form, type Piece, toPieces, twoAtATime } from './piece.ts';
import { createSamples } from './text.ts';

export interface BlocksOptions<V, T> {
  readonly families: readonly Family<T>[];
  /** What the families show of a view: worked out once for all of them, and not kept. */
  readonly show: (view: V) => T;
  /** Whether both show the same. */
  readonly same: (before: V, now: V) => boolean;
}

/** What a scrape needs of a section, whatever it shows. */
export interface Section {
  /** Each family with its samples, block after block; what did not change is the very same piece. */
  families(): Iterable<readonly [Description, readonly Piece[]]>;
  /** Has the text of each piece, also of those that were only kept deflated. */
  ensureText(): Promise<void>;
}

export interface Blocks<V> extends Section {
  /** Renders the blocks in which something changed, in this form; `breathe` is called now and then. */
  update(groups: readonly (readonly V[])[], form: Form, breathe: () => Promise<void>): Promise<void>;
}

interface Block<V> {
  readonly views: readonly V[];
  /** By family; null where it has no sample. */
  readonly pieces: readonly (Piece | null)[];
}

/** So many are shown by all families before the next ones are: what is worked out for them is garbage soon. */
const viewsAtOnce = 8;

export function createBlocks<V, T>({ families, show, same }: BlocksOptions<V, T>): Blocks<V> {
  let blocks: readonly Block<V>[] = [];
  /** For one block after the other: made anew for each they would be much garbage. */
  const samples = families.map((family) => createSamples(family));

  const render = async (
    views: readonly V[],
    form: Form,
    breathe: () => Promise<void>,
    before: Block<V> | undefined,
  ): Promise<Block<V>> => {
    // A rendering that failed may have left something.
    for (const lines of samples) lines.clear();
    for (let at = 0; at < views.length; at += viewsAtOnce) {
      const shown = views.slice(at, at + viewsAtOnce).map(show);
      for (const lines of samples) lines.add(shown);
      await breathe();
    }
    const texts = samples.map((lines) => lines.take());
    return { views, pieces: await toPieces(texts, form, before?.pieces) };
  };
  const isSame = (block: Block<V>, views: readonly V[]) =>
    block.views.length === views.length && block.views.every((view, index) => same(view, views[index] as V));

  return {
    async update(groups, form, breathe) {
      const next: Block<V>[] = [];
      for (const [index, views] of groups.entries()) {
        await breathe();
        const before = blocks[index];
        next.push(before && isSame(before, views) ? before : await render(views, form, breathe, before));
      }
      blocks = next;
    },
    ensureText: () => twoAtATime(blocks, ({ pieces }) => ensureText(pieces)),
    *families() {
      for (const [index, family] of families.entries())
        yield [family, blocks.flatMap(({ pieces }) => pieces[index] ?? [])];
    },
  };
}

const membersOfBlock = 64;

/**
 * Groups of about 64, in a stable order: what belongs to one project stays together, and a project stays in its group
 * until the estate has doubled.
 */
export function toGroups<V>(views: readonly V[], projectIdOf: (view: V) => string): readonly (readonly V[])[] {
  const count = 2 ** Math.max(0, Math.round(Math.log2(views.length / membersOfBlock)));
  const groups = Array.from({ length: count }, (): V[] => []);
  for (const view of views) groups[fnv1a(projectIdOf(view)) & (count - 1)]?.push(view);
  return groups;
}

/** http://www.isthe.com/chongo/tech/comp/fnv/: spreads well, and is cheap enough for each source at each change. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash ^ (hash >>> 16);
}
