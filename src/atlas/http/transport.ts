/** The way out: one exchange with Atlas over HTTP, through proxies and private certificate authorities. */

import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch, type Headers } from 'undici';
import type { ApiObserver } from '../../domain/credential.ts';
import type { Clock } from '../../domain/time.ts';
import { toAtlasError } from '../error.ts';
import { type Body, readBody } from './body.ts';
import { checkEncoding, unasked } from './encoding.ts';
import { proxiesOf, proxyPeer } from './proxies.ts';
import { trustWith } from './trust.ts';

export interface AtlasRequest {
  /** What it is counted as. */
  readonly operation: string;
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The largest answer that is read, in bytes; that of a list when left out. */
  readonly mostBytes?: number;
  readonly signal: AbortSignal;
}

/** A whole answer: no body is left in its socket, where it would keep the next request waiting. */
export interface AtlasAnswer extends Body {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
}

/** Sends one request and resolves with whatever answer came; rejects when none did, or not all of it. */
export type Send = (request: AtlasRequest) => Promise<AtlasAnswer>;

export interface TransportOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Certificate authorities in PEM form to trust besides those that Node and the machine trust; '' for none. */
  readonly authorities: string;
  readonly observer: ApiObserver;
  readonly clock: Clock;
}

export interface Transport {
  readonly send: Send;
  /** Trusts other authorities from the next connection on. */
  reconfigure(authorities: string): void;
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
/** Longer than a minute, so that a connection lives from one poll to the next. */
const keepAliveTimeoutMs = 75_000;

/** One request on a connection at a time: a lane's answer never waits behind another's. */
const kept = { allowH2: false, keepAliveTimeout: keepAliveTimeoutMs, keepAliveMaxTimeout: keepAliveTimeoutMs };

/** Redirects are not followed: an answer from elsewhere is not Atlas'. */
export function createTransport({ env, authorities: first, observer, clock }: TransportOptions): Transport {
  let authorities = first;
  // For http, which only ever goes to loopback: no proxy is asked for that.
  const plain = new Agent({ ...kept, connect: { timeout: connectTimeoutMs } });
  // The proxy is looked at with the first request: what is wrong with it is told as that request's failure.
  let secure: Dispatcher | null = null;

  const dispatcherFor = (url: string): Dispatcher => {
    if (!url.startsWith('https:')) return plain;
    secure ??= secureDispatcher(env, authorities);
    return secure;
  };

  return {
    async send(request) {
      const { operation, url, headers, signal } = request;
      const start = clock.monotonic();
      let code: number | 'none' = 'none';
      let as = operation;
      try {
        const answer = await exchange(request, dispatcherFor(url));
        code = answer.status;
        if (isChallenge(code, answer.headers, headers)) as = 'digest_challenge';
        return { status: code, headers: answer.headers, ...(await answer.read()) };
      } catch (thrown) {
        throw signal.aborted ? signal.reason : toAtlasError(thrown, url.startsWith('https:') ? proxyPeer(env) : null);
      } finally {
        if (!signal.aborted || toAtlasError(signal.reason).reason === 'timeout') {
          observer.request({ operation: as, code, seconds: (clock.monotonic() - start) / 1000 });
        }
      }
    },
    reconfigure(next) {
      if (authorities === next) return;
      authorities = next;
      // What is under way ends on its old connections.
      void secure?.close().catch(() => {});
      secure = null;
    },
    async close() {
      await Promise.all([plain.destroy(), secure?.destroy()]);
    },
  };
}

/** The head of an answer, and a way to read its body. */
async function exchange({ url, method, headers, body, mostBytes, signal }: AtlasRequest, dispatcher: Dispatcher) {
  let encoding: string | null = null;
  const checked = dispatcher.compose(
    checkEncoding((found) => {
      encoding = found;
    }),
  );
  const init = { method, headers: { ...headers }, body: body ?? null, signal, dispatcher: checked };
  const answer = await fetch(url, { ...init, redirect: 'manual' });
  const { status } = answer;
  return {
    status,
    headers: answer.headers,
    async read(): Promise<Body> {
      if (encoding === null)
        return readBody(answer.body, { status, ...(mostBytes !== undefined && { most: mostBytes }) });
      await answer.body?.cancel();
      if (status === 200) throw unasked(encoding);
      // What cannot be read of an error is left out: its status says enough.
      return { body: new Uint8Array() };
    },
  };
}

function secureDispatcher(env: TransportOptions['env'], authorities: string): Dispatcher {
  const { url, except } = proxiesOf(env);
  const tls = { secureContext: trustWith(authorities), timeout: connectTimeoutMs, allowH2: false };
  return new EnvHttpProxyAgent({
    ...kept,
    // Empty, not left out: what is left out is read from the process's own environment.
    httpProxy: '',
    httpsProxy: url ?? '',
    noProxy: except,
    connect: tls,
    requestTls: tls,
    proxyTls: tls,
  });
}

/** A 401 that asks for digest of one who had not answered yet, or whose nonce had ended. */
function isChallenge(status: number, headers: AtlasAnswer['headers'], sent: Readonly<Record<string, string>>): boolean {
  const asks = headers.get('www-authenticate') ?? '';
  if (status !== 401 || !/^Digest\s/i.test(asks)) return false;
  return sent['Authorization'] === undefined || /\bstale="?true/i.test(asks);
}
