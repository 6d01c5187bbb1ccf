/** What goes wrong with Atlas, as one of the closed set of reasons, and what a person can do about it. */
import { type Failure, type FailureReason, failureGuide } from '../domain/failure.ts';
import { type Cause, causesOf, type Peer } from './cause.ts';

/** What an AtlasError is made of; the guide's remedy where no better one is known. */
export interface AtlasErrorParts extends Omit<Failure, 'remedy'> {
  readonly remedy?: string;
  readonly status?: number;
  readonly errorCode?: string | null;
  /** How long Atlas asks to wait, in ms. */
  readonly retryAfterMs?: number | null;
  /** The failure is the credential's as a whole, such as a token that is not given: no other request of it would fare better. */
  readonly ofCredential?: boolean;
}

export class AtlasError extends Error implements Failure {
  override readonly name = 'AtlasError';
  readonly reason: FailureReason;
  readonly detail: string;
  readonly remedy: string;
  readonly status: number | null;
  readonly errorCode: string | null;
  readonly retryAfterMs: number | null;
  readonly ofCredential: boolean;

  constructor(failure: AtlasErrorParts, options?: ErrorOptions) {
    super(failure.detail, options);
    this.reason = failure.reason;
    this.detail = failure.detail;
    this.remedy = failure.remedy ?? failureGuide[failure.reason].remedy;
    this.status = failure.status ?? null;
    this.errorCode = failure.errorCode ?? null;
    this.retryAfterMs = failure.retryAfterMs ?? null;
    this.ofCredential = failure.ofCredential ?? false;
  }
}

const accessListCodes = new Set([
  'IP_ADDRESS_NOT_ON_ACCESS_LIST',
  'ORG_REQUIRES_ACCESS_LIST',
  'IP_ADDRESS_NOT_ON_WHITELIST',
  'ORG_REQUIRES_WHITELIST',
  'RESOURCE_REQUIRES_WHITELIST',
]);

/** What an answer without a whole result says of its cause. */
export interface Refusal {
  readonly status: number;
  /** null when the body is not JSON with an `errorCode`: then it may not be Atlas that answered. */
  readonly errorCode: string | null;
  /** Whether a 401 asks for the login that Atlas takes: Digest, or Bearer of a token. */
  readonly isChallenge: boolean;
}

/** Decided on `errorCode` first, then on the status, never on the text. */
export function reasonFor({ status, errorCode, isChallenge }: Refusal): FailureReason {
  if (status === 429) return 'rate_limited';
  if (status === 407) return 'network';
  if (status === 408) return 'timeout';
  if (errorCode === null) {
    if (status === 401 && isChallenge) return 'unauthorized';
    return status >= 500 ? 'server_error' : 'invalid_response';
  }
  if (accessListCodes.has(errorCode)) return 'ip_access_list';
  if (errorCode === 'GROUP_NOT_FOUND' || errorCode === 'NOT_IN_GROUP') return 'project_not_found';
  if (errorCode.startsWith('RATE_LIMITED')) return 'rate_limited';
  if (errorCode === 'INVALID_VERSION_DATE' || errorCode === 'VERSION_GONE') return 'not_supported';
  if (status === 401) return errorCode === 'UNEXPECTED_ERROR' ? 'unauthorized' : 'forbidden';
  if (status === 402 || status === 403) return 'forbidden';
  if (status === 406 || status === 410) return 'not_supported';
  return status >= 500 ? 'server_error' : 'invalid_response';
}

/** A proxy that requests go through, and the variable that names it. */
export interface ProxyPeer extends Peer {
  readonly variable: string;
}

/** Whatever was thrown, as an AtlasError; `internal` where no cause is known. `proxy`: the one that it went through, if any. */
export function toAtlasError(thrown: unknown, proxy: ProxyPeer | null = null): AtlasError {
  if (thrown instanceof AtlasError) return thrown;
  const causes = causesOf(thrown);
  const parts =
    causes.map(ownParts).find((one) => one !== null) ??
    systemParts(causes, proxy) ??
    causes.map(lastParts).find((one) => one !== null);
  const detail = `Unexpected ${thrown instanceof Error ? thrown.name : typeof thrown}`;
  return new AtlasError(parts ?? { reason: 'internal', detail }, { cause: thrown });
}

/** Causes that say by themselves what went wrong, wherever in the chain they are. */
function ownParts({ code, name, message }: Cause): AtlasErrorParts | null {
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    const [, told = ''] = message.split(/attempted address(?:es)?: /);
    const [to = ''] = told.split(', timeout');
    return { reason: 'timeout', detail: `No connection in time${/^[\w.:[\], -]+$/.test(to) ? ` to ${to}` : ''}` };
  }
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return { reason: 'timeout', detail: 'Atlas did not answer in time' };
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return { reason: 'invalid_response', detail: 'The answer is too large' };
  if (message === 'bad port') {
    const remedy =
      'Give atlas.baseUrl another port: HTTP clients refuse this one, because it belongs to another protocol';
    return { reason: 'network', detail: 'The port of atlas.baseUrl is none for HTTP', remedy };
  }
  const proxied = /Proxy response \((\d+)\)/.exec(message)?.[1];
  if (proxied !== undefined) return proxyParts(Number(proxied));
  return tlsCodes.test(code) ? { reason: 'tls', detail: `TLS failed: ${code}` } : null;
}

/** Errors of the system, by name and address: every address that was tried is told. */
function systemParts(causes: readonly Cause[], proxy: ProxyPeer | null): AtlasErrorParts | null {
  const known = causes.filter(({ code }) => code === 'ETIMEDOUT' || networkCodes.test(code));
  const [first] = known;
  if (!first) return null;
  const told = [...new Set(known.flatMap((cause) => cause.told ?? []))];
  const throughProxy = proxy !== null && known.some(({ peer }) => peer !== null && isProxy(peer, proxy));
  return {
    reason: known.every(({ code }) => code === 'ETIMEDOUT') ? 'timeout' : 'network',
    detail: `${told.length > 0 ? told.join(', ') : (words.get(first.code) ?? `Connection failed: ${first.code}`)}${throughProxy ? `, the proxy of ${proxy.variable}` : ''}`,
    ...(throughProxy && { remedy: `Check ${proxy.variable}: the proxy that it names cannot be reached` }),
  };
}

/** Causes that only fetch itself gives a word to. */
function lastParts({ message }: Cause): AtlasErrorParts | null {
  const isBroken = message === 'fetch failed' || message === 'terminated';
  return isBroken ? { reason: 'network', detail: 'The connection broke' } : null;
}

/** A connection goes to an address, where the variable may have a name. */
function isProxy({ host, port }: Peer, proxy: ProxyPeer): boolean {
  if (port === null) return host === proxy.host;
  return port === proxy.port && (host === proxy.host || !/^[\d.]+$|:/.test(proxy.host));
}

const tlsCodes = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO|ERR_OSSL_)/;
const networkCodes =
  /^(?:E[A-Z_]{0,20}(?:CONN|HOST|NET|PIPE|ADDR|NOTFOUND|AI_AGAIN|MFILE|NFILE)[A-Z]{0,20}|UND_ERR_(?:SOCKET|CONNECT|CLOSED|DESTROYED|ABORTED|PRX_TLS|INVALID_ARG)|HPE_\w+)$/;
const words: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', 'The other side closed the connection'],
  ['UND_ERR_PRX_TLS', 'TLS to the proxy failed'],
]);

function proxyParts(status: number): AtlasErrorParts {
  const remedy =
    status === 407
      ? 'The proxy wants a user and password: put them into HTTPS_PROXY'
      : 'Ask the operator of the proxy of HTTPS_PROXY to let it through, or name Atlas in NO_PROXY';
  return { reason: 'network', detail: `The proxy refused the connection with ${status}`, remedy };
}

/** What the log, the page and the JSON show of whatever was thrown. */
export function toFailure(thrown: unknown): Failure {
  const { reason, detail, remedy } = toAtlasError(thrown);
  return { reason, detail, remedy };
}
