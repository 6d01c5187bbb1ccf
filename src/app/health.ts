/** The answers to the two probes: whether the process works, and whether it knows enough to be scraped. */
import type { Clock } from '../domain/time.ts';
import type { Answers } from '../http/answers.ts';

/** How long a start may take until it counts as ready although some source was never tried, in ms. */
const readyAfterMs = 60_000;
/** How late a tick may be until the process counts as stuck, in ms. */
const lateMs = 60_000;

/** Ready once everything was restored or tried once, at the latest a minute after the start; then for good. */
export function createReadiness(clock: Pick<Clock, 'monotonic'>, triedAll: () => boolean): Answers['readiness'] {
  const startedAt = clock.monotonic();
  let ready = false;
  return () => {
    ready ||= triedAll() || clock.monotonic() - startedAt >= readyAfterMs;
    return { ready, detail: ready ? 'Ready' : 'Some sources were not polled yet' };
  };
}

/** `lateBy`: how many ms the latest tick of the scheduler is late. */
export function toHealth(lateBy: number): ReturnType<Answers['health']> {
  const healthy = lateBy <= lateMs;
  return { healthy, detail: healthy ? 'Healthy' : `The scheduler is ${Math.round(lateBy / 1000)} s late` };
}
