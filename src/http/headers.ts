import type { WebSettings } from '../domain/protection.ts';

/** Pages bring their own Content-Security-Policy. */
const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** Those of every answer; what the web config says wins. */
export function headersOf({ headers }: WebSettings): Readonly<Record<string, string>> {
  return { ...securityHeaders, ...headers };
}
