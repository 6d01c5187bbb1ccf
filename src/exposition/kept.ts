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
  /** Adds once more what stands there already, by its bytes. */
  repeat(from: number, to: number): void;
  /** In bytes. */
  length(): number;
  /**
   * What was added since it was last kept or cleared, as a Buffer of its own; null for nothing. `known` itself where that
   * says the same: what others made of it, such as its deflated twin, stays good.
   */
  keep(known?: Buffer | null): Buffer | null;
  clear(): void;
}

/**
 * Text that comes bit by bit, as the bytes that it will be. Not gathered in strings: a line is some twenty of them, and
 * looking through their garbage takes longer than writing it.
 */
export function createDraft(): Draft {
  let bytes = Buffer.allocUnsafeSlow(4 * 1024);
  let length = 0;

  function reserve(more: number): void {
    if (length + more <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(length + more, 2 * bytes.length));
    bytes.copy(larger, 0, 0, length);
    bytes = larger;
  }

  return {
    add(text) {
      reserve(3 * text.length);
      const into = bytes;
      const from = length;
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        if (unit > 0x7f) {
          length += bytes.write(text, from);
          return;
        }
        into[from + index] = unit;
      }
      length = from + text.length;
    },
    length: () => length,
    repeat(from, to) {
      reserve(to - from);
      bytes.copyWithin(length, from, to);
      length += to - from;
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
