/** The way out: one exchange with Atlas over HTTP, through proxies and private certificate authorities. */
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import type { Clock } from '../domain/change.ts';
import { toAtlasError } from './error.ts';

export interface Request {
  /** What it is counted as. */
  readonly operation: string;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Sends one request and resolves with whatever answer came; rejects when none did. */
export type Send = (request: Request) => Promise<Response>;

export interface Observer {
  /** One exchange ended: `code` is the HTTP status, or `none` when no answer came. */
  request(event: { readonly operation: string; readonly code: number | 'none'; readonly seconds: number }): void;
}

export interface TransportOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Certificate authorities to trust besides those that Node trusts. */
  readonly caFile: string | null;
  readonly observer: Observer;
  readonly clock: Clock;
}

export interface Transport {
  readonly send: Send;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
/** Longer than a minute, so that a connection lives from one poll to the next. */
const keepAliveTimeoutMs = 75_000;

/** Redirects are not followed: an answer from elsewhere is not Atlas'. */
export function createTransport({ env, caFile, observer, clock }: TransportOptions): Transport {
  const variable = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const ca = caFile === null ? undefined : [...getCACertificates('default'), readFileSync(caFile, 'utf8')];
  const agent = new EnvHttpProxyAgent({
    httpProxy: variable('HTTP_PROXY') ?? '',
    httpsProxy: variable('HTTPS_PROXY') ?? variable('HTTP_PROXY') ?? '',
    noProxy: variable('NO_PROXY') ?? '',
    keepAliveTimeout: keepAliveTimeoutMs,
    keepAliveMaxTimeout: keepAliveTimeoutMs,
    connect: { timeout: connectTimeoutMs, ...(ca && { ca }) },
    ...(ca && { requestTls: { ca }, proxyTls: { ca } }),
  });

  return {
    async send({ operation, url, method, headers, body, signal }) {
      const start = clock.monotonic();
      const observe = (code: number | 'none', as = operation) =>
        observer.request({ operation: as, code, seconds: (clock.monotonic() - start) / 1000 });
      try {
        const answer = await fetch(url, {
          method,
          headers: { ...headers },
          body: body ?? null,
          signal,
          dispatcher: agent,
          redirect: 'manual',
        });
        observe(answer.status, isChallenge(answer, headers) ? 'digest_challenge' : operation);
        return answer;
      } catch (thrown) {
        if (!signal.aborted || toAtlasError(signal.reason).reason === 'timeout') observe('none');
        throw thrown;
      }
    },
    close: () => agent.destroy(),
  };
}

/** A 401 that asks for digest of one who had not answered yet, or whose nonce had ended. */
function isChallenge({ status, headers }: Response, sent: Readonly<Record<string, string>>): boolean {
  const asks = headers.get('www-authenticate') ?? '';
  if (status !== 401 || !/^Digest\s/i.test(asks)) return false;
  return sent['Authorization'] === undefined || /\bstale="?true/i.test(asks);
}
