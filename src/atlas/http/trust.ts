/** Whose certificates are trusted. */
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/**
 * Trusts the authorities that Node brings and NODE_EXTRA_CA_CERTS names, the machine's own, and `more`: certificates in PEM
 * form, '' for none. One context for all connections: to read hundreds of certificates anew costs more than a handshake.
 */
export function trustWith(more: string): SecureContext {
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  return createSecureContext({ ca: [...new Set(more === '' ? known : [...known, more])] });
}
