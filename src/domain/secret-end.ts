/** The end of a secret in words, for the page and for `check --online`. */

const dayMs = 24 * 60 * 60 * 1000;

/** Whether it ends within 14 days: the alert fires from then on. */
export function secretEndsSoon(endsAt: number, now: number): boolean {
  return endsAt - now < 14 * dayMs;
}

/** `ends on 2027-03-01 at 12:00 UTC, in 93 days`. Both are wall ms. */
export function secretEndWords(endsAt: number, now: number): string {
  const [day, time = ''] = new Date(endsAt).toISOString().split('T');
  const days = Math.floor((endsAt - now) / dayMs);
  const when = `on ${day} at ${time.slice(0, 5)} UTC`;
  if (endsAt <= now) return `ended ${when}`;
  return `ends ${when}, ${days === 0 ? 'within a day' : `in ${days} ${days === 1 ? 'day' : 'days'}`}`;
}

export const secretRemedy =
  'Make a new secret of the service account in Atlas and put it where the config points: it is used without a restart';
