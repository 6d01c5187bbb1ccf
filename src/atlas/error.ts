/** What goes wrong with Atlas, as one of the closed set of reasons, and what a person can do about it. */
import { type Failure, type FailureReason, failureGuide } from '../domain/failure.ts';

/** What an AtlasError is made of; the guide's remedy where no better one is known. */
export interface AtlasErrorParts extends Omit<Failure, 'remedy'> {
  readonly remedy?: string;
  readonly status?: number;
  readonly errorCode?: string | null;
  /** How long Atlas asks to wait, in ms. */
  readonly retryAfterMs?: number | null;
  /** It is the credential's as a whole, such as a token that is not given: no other request of it would fare better. */
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

/** Decided on `errorCode` first, then on the status, never on the text. */
export function reasonFor(status: number, errorCode: string | null): FailureReason {
  if (errorCode !== null) {
    if (accessListCodes.has(errorCode)) return 'ip_access_list';
    if (errorCode === 'GROUP_NOT_FOUND' || errorCode === 'NOT_IN_GROUP') return 'project_not_found';
    if (errorCode.startsWith('RATE_LIMITED')) return 'rate_limited';
    if (errorCode === 'INVALID_VERSION_DATE' || errorCode === 'VERSION_GONE') return 'not_supported';
  }
  if (status === 401) return errorCode === null || errorCode === 'UNEXPECTED_ERROR' ? 'unauthorized' : 'forbidden';
  if (status === 402 || status === 403) return 'forbidden';
  if (status === 406 || status === 410) return 'not_supported';
  if (status === 408) return 'timeout';
  if (status === 407) return 'network';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'server_error' : 'invalid_response';
}

/** Whatever was thrown, as an AtlasError. What nobody foresaw is `internal`. */
export function toAtlasError(thrown: unknown): AtlasError {
  if (thrown instanceof AtlasError) return thrown;
  const options = { cause: thrown };
  for (const cause of causes(thrown)) {
    const { code, name, message } = cause;
    if (name === 'TimeoutError' || timeouts.has(code)) {
      return new AtlasError({ reason: 'timeout', detail: 'Atlas did not answer in time' }, options);
    }
    if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
      return new AtlasError({ reason: 'invalid_response', detail: 'The answer is too large' }, options);
    }
    const proxied = /Proxy response \((\d+)\)/.exec(message)?.[1];
    if (proxied !== undefined) return proxyError(Number(proxied), options);
    if (tlsCodes.test(code)) return new AtlasError({ reason: 'tls', detail: `TLS failed: ${code}` }, options);
  }
  for (const { code, message } of causes(thrown)) {
    if (networkCodes.test(code))
      return new AtlasError({ reason: 'network', detail: `Connection failed: ${code}` }, options);
    if (message === 'fetch failed' || message === 'terminated') {
      return new AtlasError({ reason: 'network', detail: 'The connection broke' }, options);
    }
  }
  const detail = `Unexpected ${thrown instanceof Error ? thrown.name : typeof thrown}`;
  return new AtlasError({ reason: 'internal', detail }, options);
}

const timeouts: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const tlsCodes = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO|ERR_OSSL_)/;
const networkCodes =
  /^(?:E[A-Z_]*(?:CONN|HOST|NET|PIPE|ADDR|NOTFOUND|AI_AGAIN|MFILE|NFILE)[A-Z]*|UND_ERR_(?:SOCKET|CONNECT|CLOSED|DESTROYED|ABORTED|PRX_TLS|INVALID_ARG)|HPE_\w+)$/;

function proxyError(status: number, options: ErrorOptions): AtlasError {
  const remedy =
    status === 407
      ? 'The proxy wants a user and password: put them into HTTPS_PROXY'
      : 'Ask whoever runs the proxy of HTTPS_PROXY, or name Atlas in NO_PROXY';
  return new AtlasError(
    { reason: 'network', detail: `The proxy refused the connection with ${status}`, remedy },
    options,
  );
}

/** What the log, the page and the JSON show of whatever was thrown. */
export function toFailure(thrown: unknown): Failure {
  const { reason, detail, remedy } = toAtlasError(thrown);
  return { reason, detail, remedy };
}

/** An error, its causes, and the errors of an aggregate: for each what can be told apart. */
function* causes(thrown: unknown, depth = 0): Generator<{ code: string; name: string; message: string }> {
  if (!(thrown instanceof Error) || depth > 8) return;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  yield { code, name: thrown.name, message: thrown.message };
  if (thrown instanceof AggregateError) for (const error of thrown.errors) yield* causes(error, depth + 1);
  yield* causes(thrown.cause, depth + 1);
}
