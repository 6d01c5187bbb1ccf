/**
 * Buffers that stay. Not from Node's pool on purpose: a slice of it, however short, keeps all of its 64 KiB, and with it
 * whatever else was written there meanwhile.
 */

export function keptText(text: string): Buffer {
  const kept = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  kept.write(text);
  return kept;
}

/** A copy of all parts in a row. */
export function keptBytes(parts: readonly Buffer[]): Buffer {
  const kept = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(kept, at);
  return kept;
}

/** Cut into parts of these lengths, which share its bytes. */
export function partsOf(whole: Buffer, lengths: readonly ({ readonly length: number } | null)[]): readonly Buffer[] {
  let at = 0;
  return lengths.map((part) => {
    const from = at;
    at += part?.length ?? 0;
    return whole.subarray(from, at);
  });
}
