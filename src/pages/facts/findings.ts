/** Connections whose trouble is one and the same, so that a page tells it once. */
import { headLength, normaliseErrorMessage } from '../../domain/error-message.ts';
import type { Row } from './standing.ts';

/** As many with the same trouble have a card each. */
const mostAlone = 3;

/** Characters of messages that are normalised for one page: so many take some ms. What is beyond is compared as it is. */
const mostNormalised = 256 * 1024;

/** Rows in their order, each alone in its list, or with all others that have the same trouble where these are many. */
export function findings(rows: readonly Row[]): readonly (readonly Row[])[] {
  const normalised = createNormaliser();
  const causeOf = ({ standing, byEndpoint, worst, source }: Row) =>
    JSON.stringify([
      standing,
      byEndpoint,
      worst.status,
      source.source.kind,
      normalised(worst.unreadable ?? worst.errorMessage ?? ''),
    ]);
  return [...Map.groupBy(rows, causeOf).values()].flatMap((group) =>
    group.length > mostAlone ? [group] : group.map((row) => [row]),
  );
}

/** Messages that differ in ids, addresses and numbers alone are one. */
function createNormaliser(): (text: string) => string {
  const known = new Map<string, string>();
  let left = mostNormalised;
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const after = left > 0 ? normaliseErrorMessage(text, () => false) : text;
    left -= Math.min(text.length, headLength);
    known.set(text, after);
    return after;
  };
}
