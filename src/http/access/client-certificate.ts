import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TlsSettings } from '../../domain/protection.ts';

/** Whether a client has shown the certificate that it has to show. */
export function showsCertificate(socket: Socket, { clientAuth, allowedSans }: TlsSettings): boolean {
  if (clientAuth === 'none' || clientAuth === 'request') return true;
  const raw = socket instanceof TLSSocket ? socket.getPeerCertificate().raw : undefined;
  if (!raw) return clientAuth === 'verifyIfGiven';
  if (clientAuth === 'require') return true;
  // A resumed session has the certificate and the verdict of the handshake that began it.
  if (!(socket instanceof TLSSocket && socket.authorized)) return false;
  return allowedSans === null || subjectAltNames(raw).some((name) => allowedSans.includes(name));
}

/** DNS names, addresses, e-mail addresses and URIs, as they stand in the certificate. */
function subjectAltNames(raw: Buffer): readonly string[] {
  const text = new X509Certificate(raw).subjectAltName ?? '';
  // Node quotes a name with something odd in it as JSON does, so that no name can pretend to be two.
  const entries = text.match(/(?:DNS|IP Address|email|URI):(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return entries.map((entry) => {
    const value = entry.slice(entry.indexOf(':') + 1);
    return value.startsWith('"') ? String(JSON.parse(value)) : value;
  });
}
