/** Beginning to protect the port, and what of it only a restart can change. */
import type { WebSettings } from '../../domain/protection.ts';

/** Everybody may come in, unencrypted. */
export const openDoor: WebSettings = { tls: null, headers: {}, users: new Map(), openPaths: [] };

/** What of `next` only another start can bring, in words; null when nothing. */
export function tlsNeedsRestart(before: WebSettings, next: WebSettings): string | null {
  if ((before.tls === null) !== (next.tls === null)) return 'To turn TLS on or off, restart';
  const asks = ({ tls }: WebSettings) => tls !== null && tls.clientAuth !== 'none';
  if (asks(before) !== asks(next)) return 'To begin or stop asking for client certificates, restart';
  return null;
}
