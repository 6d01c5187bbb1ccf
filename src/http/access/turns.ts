/** Turns for work that is done one piece at a time: fair between those who ask, and first come, first served for each. */

export interface Turns {
  /**
   * Waits for the turn of `asker`. false when too many wait. Whoever got a turn calls `next` when its work is done.
   * `gone` says that nobody waits for the answer any more: such a turn is passed on.
   */
  wait(asker: string, gone: () => boolean): Promise<boolean>;
  next(): void;
}

export interface TurnsOptions {
  /** Most that wait, over all askers. */
  readonly most: number;
  /** Most that wait for one asker. */
  readonly mostOfOne: number;
}

interface Waiting {
  readonly gone: () => boolean;
  readonly tell: (turn: boolean) => void;
}

/**
 * Askers take turns, and those who wait for one asker are never overtaken. So a thousand from one address wait for each
 * other, and somebody at another address waits for one of them at most. When all places are taken, the last one of the
 * asker with the most gives way to an asker with fewer.
 */
export function createTurns({ most, mostOfOne }: TurnsOptions): Turns {
  /** In the order of turns. */
  const queues = new Map<string, Waiting[]>();
  let busy = false;

  const size = () => [...queues.values()].reduce((sum, { length }) => sum + length, 0);
  const drop = (asker: string, queue: Waiting[]) => {
    if (queue.length === 0) queues.delete(asker);
  };
  const forgetGone = () => {
    for (const [asker, queue] of queues) {
      for (const { tell } of queue.filter(({ gone }) => gone())) tell(false);
      queue.splice(0, queue.length, ...queue.filter(({ gone }) => !gone()));
      drop(asker, queue);
    }
  };
  /** Whether there is a place for one more who asks as one of `length`. */
  const makeRoom = (length: number): boolean => {
    if (size() < most) return true;
    const [asker, longest] = [...queues].reduce((a, b) => (b[1].length > a[1].length ? b : a));
    if (longest.length <= length + 1) return false;
    longest.pop()?.tell(false);
    drop(asker, longest);
    return true;
  };

  return {
    wait(asker, gone) {
      if (!busy) {
        busy = true;
        return Promise.resolve(true);
      }
      forgetGone();
      const queue = queues.get(asker) ?? [];
      if (queue.length >= mostOfOne || !makeRoom(queue.length)) return Promise.resolve(false);
      queues.set(asker, queue);
      return new Promise((tell) => queue.push({ gone, tell }));
    },
    next() {
      forgetGone();
      const [first] = queues;
      if (!first) {
        busy = false;
        return;
      }
      const [asker, queue] = first;
      // Behind all others, if more wait for the same asker.
      queues.delete(asker);
      const [turn] = queue.splice(0, 1);
      if (queue.length > 0) queues.set(asker, queue);
      turn?.tell(true);
    },
  };
}
