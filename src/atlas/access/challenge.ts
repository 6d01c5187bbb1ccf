/** What a server asks for in `WWW-Authenticate`. Pure. */

/** The strongest first. The variants with a session hash and with integrity are not answered. */
const algorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;
export type Algorithm = (typeof algorithms)[number];

export interface Challenge {
  readonly algorithm: Algorithm;
  /** The challenge alone, written anew: digest-fetch's parser is not anchored and would take `cnonce=` for `nonce=`. */
  readonly header: string;
}

/** The strongest challenge that can be answered; null when none is Digest with a known algorithm and qop. */
export function bestChallenge(header: string): Challenge | null {
  const challenges = header.split(/,\s*(?=[\w-]+\s+[\w-]+=)/).filter((text) => /^\s*Digest\s/i.test(text));
  const known = challenges.flatMap((text) => {
    const fields = fieldsOf(text);
    const algorithm = algorithms.find((name) => name === (fields.get('algorithm') ?? 'MD5').toUpperCase());
    const written = writeChallenge(fields);
    return algorithm && written !== null ? [{ algorithm, header: written }] : [];
  });
  return known.sort((a, b) => algorithms.indexOf(a.algorithm) - algorithms.indexOf(b.algorithm))[0] ?? null;
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.matchAll(/(?<![\w-])([\w-]{1,100})\s{0,10}=\s{0,10}(?:"((?:[^"\\]|\\.){0,2000})"|([^\s,]+))/g);
  return new Map([...pairs].map(([, name = '', quoted, token]) => [name.toLowerCase(), quoted ?? token ?? '']));
}

/** null without a nonce, or when only integrity protection is offered. */
function writeChallenge(fields: ReadonlyMap<string, string>): string | null {
  const nonce = fields.get('nonce');
  const opaque = fields.get('opaque');
  const qop = fields.get('qop')?.split(',');
  if (!nonce || (qop && !qop.some((word) => word.trim() === 'auth'))) return null;
  const parts = [
    `nonce="${nonce}"`,
    `realm="${fields.get('realm') ?? ''}"`,
    ...(qop ? ['qop="auth"'] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${parts.join(', ')}`;
}
