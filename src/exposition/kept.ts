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
