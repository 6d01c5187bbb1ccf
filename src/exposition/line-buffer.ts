/** Sample lines while they are being written. */
export interface Draft {
  add(text: string): void;
  /** Adds once more what stands there already, by its bytes. */
  repeat(from: number, to: number): void;
  /** In bytes. */
  length(): number;
  /** What was added since it was last taken or cleared, where it stands: overwritten by what is added next. */
  take(): Buffer;
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
