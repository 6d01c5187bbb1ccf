const pattern = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** Wall ms of an RFC 3339 moment, or null. In a query "+" may have become a space: it is taken as the sign it was. */
export function parseRfc3339(text: string): number | null {
  const moment = text.replace(/ (?=\d{2}:\d{2}$)/, '+');
  const match = pattern.exec(moment);
  if (!match) return null;
  const [, year, month, day] = match.map(Number);
  // Date.parse takes 30 February for 1 March.
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== day) return null;
  const at = Date.parse(moment.replace(' ', 'T').toUpperCase());
  return Number.isNaN(at) ? null : at;
}

export function formatRfc3339(wall: number): string {
  return new Date(wall).toISOString();
}
