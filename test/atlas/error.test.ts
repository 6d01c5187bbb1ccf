import { describe, expect, test } from 'vitest';
import { AtlasError, reasonFor, toAtlasError } from '../../src/atlas/error.ts';

describe('the code is decided on before the status', () => {
  test.each<readonly [number, string | null, string]>([
    [400, 'PATH_PARAM_PARSE_ERROR', 'invalid_response'],
    [401, null, 'invalid_response'],
    [401, 'UNEXPECTED_ERROR', 'unauthorized'],
    [401, 'USER_CANNOT_ACCESS_GROUP', 'forbidden'],
    [401, 'USER_UNAUTHORIZED', 'forbidden'],
    [401, 'NOT_ORG_GROUP_CREATOR', 'forbidden'],
    [401, 'NOT_IN_GROUP', 'project_not_found'],
    [402, 'ACCOUNT_SUSPENDED', 'forbidden'],
    [403, 'ACCESS_FORBIDDEN', 'forbidden'],
    [403, null, 'invalid_response'],
    [401, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', 'ip_access_list'],
    [403, 'ORG_REQUIRES_ACCESS_LIST', 'ip_access_list'],
    [403, 'RESOURCE_REQUIRES_WHITELIST', 'ip_access_list'],
    [404, 'GROUP_NOT_FOUND', 'project_not_found'],
    [404, 'PRIVATE_ENDPOINT_SERVICE_NOT_FOUND', 'invalid_response'],
    [404, null, 'invalid_response'],
    [406, 'INVALID_VERSION_DATE', 'not_supported'],
    [406, null, 'invalid_response'],
    [410, null, 'invalid_response'],
    [402, null, 'invalid_response'],
    [407, null, 'network'],
    [408, null, 'timeout'],
    [410, 'VERSION_GONE', 'not_supported'],
    [429, 'RATE_LIMITED_TOKEN_BUCKET', 'rate_limited'],
    [429, null, 'rate_limited'],
    [503, 'RATE_LIMITED', 'rate_limited'],
    [500, 'UNEXPECTED_ERROR', 'server_error'],
    [503, null, 'server_error'],
    [204, null, 'invalid_response'],
  ])('%i %s is %s', (status, errorCode, reason) => {
    expect(reasonFor({ status, errorCode, isChallenge: false })).toBe(reason);
  });

  test('a 401 with a challenge is about the key, whatever its body', () => {
    expect(reasonFor({ status: 401, errorCode: null, isChallenge: true })).toBe('unauthorized');
    expect(reasonFor({ status: 403, errorCode: null, isChallenge: true })).toBe('invalid_response');
  });
});

describe('what was thrown', () => {
  const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause });
  const coded = (code: string, fields: object = {}, message = 'marked-secret') =>
    Object.assign(new Error(message), { code, ...fields });
  const refused = (address: string, port: number) => coded('ECONNREFUSED', { syscall: 'connect', address, port });
  const proxied = (status: number) => new Error(`Proxy response (${status}) !== 200 when HTTP Tunneling`);

  test.each<readonly [string, unknown, string, string]>([
    ['a refused connection', refused('10.0.0.1', 443), 'network', 'connect ECONNREFUSED 10.0.0.1:443'],
    [
      'every address refused',
      Object.assign(new AggregateError([refused('::1', 443), refused('127.0.0.1', 443)]), {
        code: 'ECONNREFUSED',
      }),
      'network',
      'connect ECONNREFUSED [::1]:443, connect ECONNREFUSED 127.0.0.1:443',
    ],
    ['a reset', coded('ECONNRESET', { syscall: 'read' }), 'network', 'read ECONNRESET'],
    [
      'an unknown name',
      coded('ENOTFOUND', { syscall: 'getaddrinfo', hostname: 'cloud.mongodb.com' }),
      'network',
      'getaddrinfo ENOTFOUND cloud.mongodb.com',
    ],
    [
      'DNS that does not answer',
      coded('EAI_AGAIN', { syscall: 'getaddrinfo', hostname: 'cloud.mongodb.com' }),
      'network',
      'getaddrinfo EAI_AGAIN cloud.mongodb.com',
    ],
    ['out of file descriptors', coded('EMFILE'), 'network', 'Connection failed: EMFILE'],
    ['the other side closed', coded('UND_ERR_SOCKET'), 'network', 'The other side closed the connection'],
    ['an answer that is no HTTP', coded('HPE_INVALID_CONSTANT'), 'network', 'Connection failed: HPE_INVALID_CONSTANT'],
    [
      'a slow connect',
      coded('UND_ERR_CONNECT_TIMEOUT', {}, 'Connect Timeout Error (attempted address: a.test:443, timeout: 10000ms)'),
      'timeout',
      'No connection in time to a.test:443',
    ],
    [
      'ETIMEDOUT',
      coded('ETIMEDOUT', { syscall: 'connect', address: '10.0.0.1', port: 443 }),
      'timeout',
      'connect ETIMEDOUT 10.0.0.1:443',
    ],
    ['an expired certificate', coded('CERT_HAS_EXPIRED'), 'tls', 'TLS failed: CERT_HAS_EXPIRED'],
    ['another host', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', 'TLS failed: ERR_TLS_CERT_ALTNAME_INVALID'],
    ['a self-signed one', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', 'TLS failed: DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'an unknown authority',
      coded('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'),
      'tls',
      'TLS failed: UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ],
    ['no TLS', coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls', 'TLS failed: ERR_SSL_WRONG_VERSION_NUMBER'],
    ['a proxy that wants a login', proxied(407), 'network', 'The proxy refused the connection with 407'],
    ['a proxy that does not let through', proxied(403), 'network', 'The proxy refused the connection with 403'],
    ['a port of another protocol', new Error('bad port'), 'network', 'The port of atlas.baseUrl is none for HTTP'],
    ['an aborted time', new DOMException('marked-secret', 'TimeoutError'), 'timeout', 'Atlas did not answer in time'],
    ['nothing that is known', undefined, 'network', 'The connection broke'],
  ])('%s, however deep it lies', (_name, thrown, reason, detail) => {
    for (const outer of [fetchFailed(thrown), fetchFailed(new Error('marked-secret', { cause: thrown }))]) {
      const error = toAtlasError(outer);
      expect([error.reason, error.detail]).toEqual([reason, detail]);
      expect(error.cause).toBe(outer);
      expect(`${error.detail} ${error.remedy} ${error.message}`).not.toContain('marked-secret');
    }
  });

  test('the proxy that cannot be reached is named by its variable', () => {
    const proxy = { variable: 'HTTPS_PROXY', host: 'proxy.test', port: 3128 };
    const detailOf = (cause: unknown) => toAtlasError(fetchFailed(cause), proxy).detail;
    expect(detailOf(refused('10.0.0.1', 3128))).toBe('connect ECONNREFUSED 10.0.0.1:3128, the proxy of HTTPS_PROXY');
    expect(detailOf(coded('ENOTFOUND', { syscall: 'getaddrinfo', hostname: 'proxy.test' }))).toBe(
      'getaddrinfo ENOTFOUND proxy.test, the proxy of HTTPS_PROXY',
    );
    expect(detailOf(refused('10.0.0.2', 443))).toBe('connect ECONNREFUSED 10.0.0.2:443');
  });

  test.each([
    ['a defect', new RangeError('marked-secret'), 'Unexpected RangeError'],
    ['no error at all', 'marked-secret', 'Unexpected string'],
  ])('%s is internal', (_name, thrown, detail) => {
    expect(toAtlasError(thrown)).toMatchObject({ reason: 'internal', detail });
  });

  test('an AtlasError stays what it is', () => {
    const error = new AtlasError({ reason: 'tls', detail: 'x' });
    expect(toAtlasError(error)).toBe(error);
  });
});
