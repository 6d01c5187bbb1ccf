/**
 * When Atlas will stop serving a connection as it is. Private endpoints of Google Cloud that are not port-mapped are disabled
 * on 2027-04-30, and existing ones stop working then.
 * https://www.mongodb.com/docs/atlas/security-private-endpoint/
 */
const dates = { gcp_not_port_mapped: Date.UTC(2027, 3, 30) } as const;

export type Sunset = keyof typeof dates;

/** Wall ms. */
export function sunsetAt(sunset: Sunset): number {
  return dates[sunset];
}

export function isSunset(word: unknown): word is Sunset {
  return typeof word === 'string' && Object.hasOwn(dates, word);
}

/** What happens and what to do, in one sentence. */
export function sunsetWords(sunset: Sunset): string {
  const day = new Date(sunsetAt(sunset)).toISOString().slice(0, 10);
  return `Atlas disables it on ${day}, because it is not port-mapped: make a port-mapped service and move to it before`;
}
