/** How long one poll may take. */
import type { Source } from '../domain/source.ts';
import { gapsOf } from './cron.ts';

const usualMs = 60_000;
const msPerDetail = 1_000;

/**
 * Ms that a poll may take once it is on a lane, waits for rate limits included: a minute, or a second for each interface
 * endpoint that it asks for where that is longer; never longer than the shortest gap of its schedule.
 */
export function pollDeadlineMs({ schedule }: Pick<Source, 'schedule'>, details: number): number {
  return Math.min(gapsOf(schedule).shortestMs, Math.max(usualMs, details * msPerDetail));
}
