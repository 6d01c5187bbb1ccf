/** News of look-ups, gathered for a while. */
import { type Learned, together } from '../domain/lookup.ts';
import type { Clock } from '../domain/time.ts';

/** Each time that something is learned costs a look at all projects. */
const togetherMs = 15_000;

/** Gathers news, and hands them on: at once when nothing was for a while, else after that while. */
export function createBatch(hand: (news: Learned) => void, clock: Clock): Disposable & { add(news: Learned): void } {
  let waiting: Learned = {};
  let handedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const handOver = () => {
    const news = waiting;
    waiting = {};
    handedAt = clock.monotonic();
    timer = undefined;
    hand(news);
  };
  return {
    add(news) {
      waiting = together(waiting, news);
      timer ??= setTimeout(handOver, Math.max(0, handedAt + togetherMs - clock.monotonic())).unref();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
