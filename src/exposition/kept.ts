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

export interface Draft {
  add(text: string): void;
  /**
   * What was added since it was last kept or cleared, as a Buffer of its own; null for nothing. `known` itself where that
   * says the same: what others made of it, such as its deflated twin, stays good.
   */
  keep(known?: Buffer | null): Buffer | null;
  clear(): void;
}

/**
 * Text that comes bit by bit. Not gathered in a string: a long one outlives the young generation while it grows, and the
 * heap grows by what it leaves behind.
 */
export function createDraft(): Draft {
  let bytes = Buffer.allocUnsafeSlow(4 * 1024);
  let length = 0;
  return {
    add(text) {
      const atMost = length + 3 * text.length;
      if (atMost > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(atMost, 2 * bytes.length));
        bytes.copy(larger, 0, 0, length);
        bytes = larger;
      }
      length += bytes.write(text, length);
    },
    keep(known) {
      const text = bytes.subarray(0, length);
      length = 0;
      if (text.length === 0) return null;
      return known?.equals(text) ? known : keptBytes([text]);
    },
    clear() {
      length = 0;
    },
  };
}
