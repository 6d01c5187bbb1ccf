/** How many answers may be under way at once, and which of them makes room for another. */

export interface Slot {
  /** Bytes have moved. */
  touch(): void;
  release(): void;
}

export interface Slots {
  /** Takes a slot, or null when all are taken by answers that still move. `cut` ends the answer that it is for. */
  acquire(cut: () => void): Slot | null;
}

/** At the limit, an answer that has not moved for longer than this gives way to a new one. */
const stuckAfterMs = 5_000;

/** `max` 0 is no limit. `monotonic` is in ms. */
export function createSlots(max: number, monotonic: () => number): Slots {
  // In the order of the last touch, so that the first one is the one that moved no byte for longest.
  const taken = new Map<Slot, { readonly touchedAt: number; readonly cut: () => void }>();

  function makeRoom(): boolean {
    const [oldest] = taken;
    if (!oldest) return false;
    const [slot, { touchedAt, cut }] = oldest;
    if (monotonic() - touchedAt <= stuckAfterMs) return false;
    taken.delete(slot);
    cut();
    return true;
  }

  return {
    acquire(cut) {
      if (max > 0 && taken.size >= max && !makeRoom()) return null;
      const slot: Slot = {
        touch() {
          if (taken.delete(slot)) taken.set(slot, { touchedAt: monotonic(), cut });
        },
        release() {
          taken.delete(slot);
        },
      };
      taken.set(slot, { touchedAt: monotonic(), cut });
      return slot;
    },
  };
}
