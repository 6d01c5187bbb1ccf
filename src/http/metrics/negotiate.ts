/** What a client can read, by RFC 9110 section 12.5. Whatever it says, there is an answer: never a 406. */

import type { Format } from '../../metrics/family.ts';

export const contentTypes = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const satisfies Record<Format, string>;

interface Preference {
  /** Lower case. */
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1; 0 is "not this". */
  readonly quality: number;
}

/** OpenMetrics for those who name it and like it at least as well as text, and everyone else gets text. */
export function formatFor(accept: string | undefined): Format {
  const preferences = parse(accept ?? '');
  const named = preferences.findIndex(isOpenMetrics);
  const openmetrics = preferences[named]?.quality ?? 0;
  if (openmetrics === 0) return 'text';
  const text = mostSpecific(preferences, isText, 'text/*', '*/*');
  if (!text || openmetrics > text.quality) return 'openmetrics';
  return openmetrics === text.quality && named < preferences.indexOf(text) ? 'openmetrics' : 'text';
}

export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const preferences = parse(acceptEncoding ?? '');
  const gzip = mostSpecific(preferences, ({ value }) => value === 'gzip' || value === 'x-gzip', '*');
  return gzip !== undefined && gzip.quality > 0;
}

function isOpenMetrics({ value, parameters }: Preference): boolean {
  return value === 'application/openmetrics-text' && (parameters.get('version') ?? '1.0.0') === '1.0.0';
}

function isText({ value, parameters }: Preference): boolean {
  return value === 'text/plain' && (parameters.get('version') ?? '0.0.4') === '0.0.4';
}

function mostSpecific(
  preferences: readonly Preference[],
  named: (preference: Preference) => boolean,
  ...wildcards: readonly string[]
): Preference | undefined {
  for (const matches of [
    named,
    ...wildcards.map(
      (wildcard) =>
        ({ value }: Preference) =>
          value === wildcard,
    ),
  ]) {
    const found = preferences.find(matches);
    if (found) return found;
  }
  return undefined;
}

/** Quoted strings are not told apart: no value that we know holds a comma or a semicolon. */
function parse(header: string): readonly Preference[] {
  return header.split(',').map((element) => {
    const [value = '', ...rest] = element.split(';').map((part) => part.trim().toLowerCase());
    const parameters = new Map(
      rest.map((part) => {
        const at = part.indexOf('=');
        return at < 0 ? [part, ''] : [part.slice(0, at).trim(), unquote(part.slice(at + 1).trim())];
      }),
    );
    return { value, parameters, quality: quality(parameters.get('q')) };
  });
}

/** A quality that is none counts as not wanted: better plain text than what somebody may not be able to read. */
function quality(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

function unquote(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
