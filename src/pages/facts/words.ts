/** Words for durations, times, numbers and texts of Atlas. */
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `45 s`, `12 min`, `2 h 14 min`, `3 d 4 h`, `45 d`. */
export function durationWords(ms: number): string {
  const span = Math.max(0, ms);
  if (span < minute) return `${Math.floor(span / second)} s`;
  if (span < hour) return `${Math.floor(span / minute)} min`;
  if (span < day) return twoUnits(span, hour, 'h', minute, 'min');
  if (span < 14 * day) return twoUnits(span, day, 'd', hour, 'h');
  return `${Math.floor(span / day)} d`;
}

function twoUnits(span: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((span % large) / small);
  const whole = `${Math.floor(span / large)} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}

/** `2026-01-31 03:12:45 UTC`. */
export function momentWords(wall: number): string {
  return `${isoMoment(wall).slice(0, 19).replace('T', ' ')} UTC`;
}

/**
 * When something began that a poll saw at `at`: `between 19:57 and 20:00 UTC`, with the dates where it was not on the day of
 * `now`; `before 20:00 UTC` where no poll before is known.
 */
export function betweenWords({ notBefore, at }: Span, now: number): string {
  const from = notBefore ?? at;
  const today = isoMoment(now).slice(0, 10);
  const dated = [from, at].some((wall) => isoMoment(wall).slice(0, 10) !== today);
  const close = at - from < 2 * minute;
  const words = (wall: number) => {
    const text = isoMoment(wall).replace('T', ' ');
    return text.slice(dated ? 0 : 11, close ? 19 : 16);
  };
  return notBefore === null ? `before ${words(at)} UTC` : `between ${words(from)} and ${words(at)} UTC`;
}

/** Atlas tells no times. Something happened after `notBefore`, where a poll before is known, and at the latest `at`; wall ms. */
export interface Span {
  readonly notBefore: number | null;
  readonly at: number;
}

/** `for at least 4 min`: as long as it was seen. */
export function atLeastWords({ at }: Pick<Span, 'at'>, now: number): string {
  return `for at least ${durationWords(now - at)}`;
}

export function isoMoment(wall: number): string {
  return new Date(wall).toISOString();
}

/** `1 project`, `2 projects`. */
export function count(number: number, noun: string): string {
  return `${groupDigits(number)} ${noun}${number === 1 ? '' : 's'}`;
}

const grouped = new Intl.NumberFormat('en-US');

/** `12 345`, with a space that does not break. */
export function groupDigits(number: number): string {
  return grouped.format(number).replaceAll(',', '\u00a0');
}

/**
 * A text from outside with its invisible characters made visible, so that no text can look like another. Control characters
 * become pictures; marks that change the direction of writing become their numbers.
 */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => (char === '\n' || char === '\t' ? char : picture(char)));
}

function picture(char: string): string {
  const point = char.codePointAt(0) ?? 0;
  if (point < 0x20) return String.fromCharCode(0x2400 + point);
  return `\u27e8U+${point.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
}

/** The kind of a connection, to follow its region. It is empty for clusters, because most connections are theirs. */
export function kindWords(kind: string): string {
  return kind === 'cluster' ? '' : ` ${kind}`;
}
