/**
 * Blocks of rendered text, kept until something that they show changes. About 64 sources share a block, and a block has
 * one piece for each family. One string for each source would cost more memory than the text itself. One text for all
 * sources would have to be rendered again with each change.
 */
import type { Description, Family } from '../metrics/family.ts';
import { ensureText, type Form, type Piece, toPieces, twoAtATime } from './piece.ts';
import { createSamples } from './text.ts';

export interface BlocksOptions<V, T> {
  readonly families: readonly Family<T>[];
  /** Derives what the families show of a view: once for all families. The result is not kept. */
  readonly show: (view: V) => T;
  /** Says whether both views give the same text. */
  readonly same: (before: V, now: V) => boolean;
}

/** Families that change together, as a scrape asks for them. */
export interface Section {
  /** Each family with the pieces of its samples, block after block. A piece that did not change is the very same object. */
  families(): Iterable<readonly [Description, readonly Piece[]]>;
  /** Inflates the pieces that were kept deflated only: afterwards every piece has its text. */
  ensureText(): Promise<void>;
}

export interface Blocks<V> extends Section {
  /** Renders the blocks in which something changed, in this form. `breathe` is called between short stretches of work. */
  update(groups: readonly (readonly V[])[], form: Form, breathe: () => Promise<void>): Promise<void>;
}

interface Block<V> {
  readonly views: readonly V[];
  /** One for each family, in their order; null where the family has no sample. */
  readonly pieces: readonly (Piece | null)[];
}

/** Views derived at once: all families show them before the next ones are derived, so little garbage lives at a time. */
const viewsAtOnce = 8;

export function createBlocks<V, T>({ families, show, same }: BlocksOptions<V, T>): Blocks<V> {
  let blocks: readonly Block<V>[] = [];
  // Writers are reused for block after block, because new ones for each block would be much garbage.
  const samples = families.map((family) => createSamples(family));

  const render = async (
    views: readonly V[],
    form: Form,
    breathe: () => Promise<void>,
    before: Block<V> | undefined,
  ): Promise<Block<V>> => {
    // A rendering that failed may have left lines behind.
    for (const lines of samples) lines.clear();
    for (let at = 0; at < views.length; at += viewsAtOnce) {
      const shown = views.slice(at, at + viewsAtOnce).map(show);
      for (const lines of samples) {
        lines.add(shown);
        await breathe();
      }
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
 * Divides views into groups of about 64, in a stable order. The views of one project stay together, and a project stays
 * in its group until the estate has doubled.
 */
export function toGroups<V>(views: readonly V[], projectIdOf: (view: V) => string): readonly (readonly V[])[] {
  const count = 2 ** Math.max(0, Math.round(Math.log2(views.length / membersOfBlock)));
  const groups = Array.from({ length: count }, (): V[] => []);
  for (const view of views) groups[fnv1a(projectIdOf(view)) & (count - 1)]?.push(view);
  return groups;
}

/**
 * The hash FNV-1a: it spreads well, and is cheap enough to run for each source at each change.
 * http://www.isthe.com/chongo/tech/comp/fnv/
 */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash ^ (hash >>> 16);
}
