/** A buffer that sample lines are written into. */
export interface LineBuffer {
  add(text: string): void;
  /** Appends a copy of the bytes from `from` up to `to`. */
  repeat(from: number, to: number): void;
  /** Bytes written so far. */
  length(): number;
  /** Returns everything added since the last take or clear, without a copy: the next `add` overwrites it. */
  take(): Buffer;
  clear(): void;
}

/**
 * Writes text straight as UTF-8. Strings are not collected first, because a line has about twenty of them, and collecting
 * their garbage takes longer than writing the bytes.
 */
export function createLineBuffer(): LineBuffer {
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
    take() {
      const text = bytes.subarray(0, length);
      length = 0;
      return text;
    },
    clear() {
      length = 0;
    },
  };
}
