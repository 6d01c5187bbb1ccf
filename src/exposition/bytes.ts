/**
 * Buffers that live long. They are not taken from Node's pool, because even a short slice of the pool keeps all of its
 * 64 KiB in memory.
 */

/** The text as UTF-8. */
export function keptText(text: string): Buffer {
  const kept = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  kept.write(text);
  return kept;
}

/** One copy of all parts, joined. */
export function keptBytes(parts: readonly Buffer[]): Buffer {
  const kept = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(kept, at);
  return kept;
}

/** Cuts a Buffer into parts of these lengths, 0 for null. The parts share its memory. */
export function partsOf(whole: Buffer, lengths: readonly ({ readonly length: number } | null)[]): readonly Buffer[] {
  let at = 0;
  return lengths.map((part) => {
    const from = at;
    at += part?.length ?? 0;
    return whole.subarray(from, at);
  });
}
