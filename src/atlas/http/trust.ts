/** Whose certificates are trusted. */
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { AtlasError } from '../error.ts';

/** The certificates of `atlas.caFile` in PEM form, '' without such a file. Throws AtlasError. */
export function readAuthorities(caFile: string | null): string {
  if (caFile === null) return '';
  const text = readOrNull(caFile);
  // OpenSSL takes a text without certificates in silence.
  if (text?.includes('-----BEGIN CERTIFICATE-----')) return text;
  const what = text === null ? 'cannot be read' : 'has no certificate';
  const remedy = 'Put certificates in PEM form into it (-----BEGIN CERTIFICATE-----)';
  throw new AtlasError({ reason: 'tls', detail: `The file of atlas.caFile ${what}`, remedy });
}

/**
 * The authorities that Node brings and NODE_EXTRA_CA_CERTS names, the machine's own, and more. One context for all
 * connections: to read hundreds of certificates anew costs more than a handshake.
 */
export function trustWith(more: string): SecureContext {
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  return createSecureContext({ ca: [...new Set(more === '' ? known : [...known, more])] });
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
