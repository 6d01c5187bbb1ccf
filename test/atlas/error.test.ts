import { describe, expect, test } from 'vitest';
import { AtlasError, reasonFor, toAtlasError } from '../../src/atlas/error.ts';

describe('the code is decided on before the status', () => {
  test.each<readonly [number, string | null, string]>([
    [400, 'PATH_PARAM_PARSE_ERROR', 'invalid_response'],
    [401, null, 'unauthorized'],
    [401, 'UNEXPECTED_ERROR', 'unauthorized'],
    [401, 'USER_CANNOT_ACCESS_GROUP', 'forbidden'],
    [401, 'USER_UNAUTHORIZED', 'forbidden'],
    [401, 'NOT_ORG_GROUP_CREATOR', 'forbidden'],
    [401, 'NOT_IN_GROUP', 'project_not_found'],
    [402, 'ACCOUNT_SUSPENDED', 'forbidden'],
    [403, 'ACCESS_FORBIDDEN', 'forbidden'],
    [403, null, 'forbidden'],
    [401, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', 'ip_access_list'],
    [403, 'ORG_REQUIRES_ACCESS_LIST', 'ip_access_list'],
    [403, 'RESOURCE_REQUIRES_WHITELIST', 'ip_access_list'],
    [404, 'GROUP_NOT_FOUND', 'project_not_found'],
    [404, 'PRIVATE_ENDPOINT_SERVICE_NOT_FOUND', 'invalid_response'],
    [404, null, 'invalid_response'],
    [406, 'INVALID_VERSION_DATE', 'not_supported'],
    [406, null, 'not_supported'],
    [410, 'VERSION_GONE', 'not_supported'],
    [429, 'RATE_LIMITED_TOKEN_BUCKET', 'rate_limited'],
    [429, null, 'rate_limited'],
    [503, 'RATE_LIMITED', 'rate_limited'],
    [500, 'UNEXPECTED_ERROR', 'server_error'],
    [503, null, 'server_error'],
    [204, null, 'invalid_response'],
  ])('%i %s is %s', (status, errorCode, reason) => {
    expect(reasonFor(status, errorCode)).toBe(reason);
  });
});

describe('what was thrown', () => {
  const coded = (code: string, message = 'x', cause?: unknown) =>
    Object.assign(new Error(message, { cause }), { code });
  const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause });
  test.each<readonly [string, unknown, string]>([
    ['a refused connection', fetchFailed(coded('ECONNREFUSED')), 'network'],
    [
      'every address refused',
      fetchFailed(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])),
      'network',
    ],
    ['a reset', fetchFailed(coded('ECONNRESET')), 'network'],
    ['an unknown name', fetchFailed(coded('ENOTFOUND')), 'network'],
    ['DNS that does not answer', fetchFailed(coded('EAI_AGAIN')), 'network'],
    ['out of file descriptors', fetchFailed(coded('EMFILE')), 'network'],
    ['the other side closed', fetchFailed(coded('UND_ERR_SOCKET')), 'network'],
    ['a body that broke', new TypeError('terminated'), 'network'],
    ['an answer that is no HTTP', fetchFailed(coded('HPE_INVALID_CONSTANT')), 'network'],
    ['a slow connect', fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT')), 'timeout'],
    ['ETIMEDOUT', fetchFailed(coded('ETIMEDOUT')), 'timeout'],
    ['an expired certificate', fetchFailed(coded('CERT_HAS_EXPIRED')), 'tls'],
    ['another host', fetchFailed(coded('ERR_TLS_CERT_ALTNAME_INVALID')), 'tls'],
    ['a self-signed one', fetchFailed(coded('DEPTH_ZERO_SELF_SIGNED_CERT')), 'tls'],
    ['an unknown authority', fetchFailed(coded('UNABLE_TO_GET_ISSUER_CERT_LOCALLY')), 'tls'],
    ['a server that speaks no TLS', fetchFailed(coded('ERR_SSL_WRONG_VERSION_NUMBER')), 'tls'],
    [
      'a proxy that wants a login',
      fetchFailed(new Error('Proxy response (407) !== 200 when HTTP Tunneling')),
      'network',
    ],
    ['a defect', new RangeError('marked-secret'), 'internal'],
    ['no error at all', 'marked-secret', 'internal'],
  ])('%s', (_name, thrown, reason) => {
    const error = toAtlasError(thrown);
    expect([error.reason, error.cause === thrown]).toEqual([reason, true]);
    expect(`${error.detail} ${error.remedy} ${error.message}`).not.toContain('marked-secret');
    expect(error.remedy).not.toBe('');
  });

  test('what is an AtlasError stays it', () => {
    const error = new AtlasError({ reason: 'tls', detail: 'x' });
    expect(toAtlasError(error)).toBe(error);
  });
});
