import { describe, expect, test } from 'vitest';
import { AtlasError, reasonFor, toAtlasError } from '../../src/atlas/error.ts';
import { parseApiError } from '../../src/atlas/http/body.ts';
import { proxiesOf } from '../../src/atlas/http/proxies.ts';
import { remedies, remedyFor } from '../../src/atlas/remedy.ts';
import { failureReasons } from '../../src/domain/failure.ts';

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

test.each<readonly [string, string, string | null, number]>([
  ['one line', '{"error":404,"errorCode":"GROUP_NOT_FOUND","parameters":["x"]}', 'GROUP_NOT_FOUND', 1],
  ['many lines', '{\n  "error" : 401,\n  "errorCode" : "UNEXPECTED_ERROR"\n}', 'UNEXPECTED_ERROR', 0],
  ['no parameters', '{"errorCode":"RESOURCE_NOT_FOUND","parameters":null}', 'RESOURCE_NOT_FOUND', 0],
  ['a code that is none', '{"errorCode":"x y\\nz"}', null, 0],
  ['a proxy', '<html>503</html>', null, 0],
  ['nothing', '', null, 0],
  ['a number', '7', null, 0],
])('the body of an error: %s', (_name, body, errorCode, parameters) => {
  const parsed = parseApiError(Buffer.from(body));
  expect([parsed.errorCode, parsed.parameters.length]).toEqual([errorCode, parameters]);
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

describe('what to do', () => {
  const digest = { credential: 'main', type: 'digest' } as const;
  const robot = { credential: 'robot', type: 'serviceAccount' } as const;
  const asked = { role: 'Project Owner', place: 'project 66a1b2c3d4e5f60718293a4b' };
  const told = (status: number, address: string | null = null) => ({ status, address });

  test.each<readonly [string, string, readonly string[]]>([
    [
      'a wrong key',
      remedyFor('unauthorized', told(401), digest, asked),
      ["publicKey and privateKey of credential 'main'"],
    ],
    ['a wrong secret', remedyFor('unauthorized', told(401), robot, asked), ["clientSecret of credential 'robot'"]],
    [
      'a missing role',
      remedyFor('forbidden', told(403), robot, asked),
      ["service account of credential 'robot'", 'the role Project Owner in project 66a1'],
    ],
    ['a suspended organization', remedyFor('forbidden', told(402), digest, asked), ['unpaid invoice']],
    [
      'an address',
      remedyFor('ip_access_list', told(403, '203.0.113.24'), digest, asked),
      ['Put 203.0.113.24 on the API access list of the API key', "'main'"],
    ],
    ['an unknown address', remedyFor('ip_access_list', told(403), digest, asked), ["this exporter's address"]],
    [
      'a project',
      remedyFor('project_not_found', told(404), digest, asked),
      ['the id of project 66a1b2c3d4e5f60718293a4b'],
    ],
  ])('about %s', (_name, remedy, parts) => {
    for (const part of parts) expect(remedy).toContain(part);
  });

  test('about every reason there is something, in one sentence', () => {
    expect(Object.keys(remedies).toSorted()).toEqual([...failureReasons].sort());
    for (const remedy of Object.values(remedies)) expect(remedy).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe('proxies', () => {
  test.each<readonly [string, Record<string, string>, string | null, string]>([
    ['none', {}, null, ''],
    ['empty', { HTTPS_PROXY: ' ' }, null, ''],
    ['one', { HTTPS_PROXY: 'http://p:3128', NO_PROXY: 'a,b' }, 'http://p:3128', 'a,b'],
    ['lower case first', { HTTPS_PROXY: 'http://p', https_proxy: 'http://q' }, 'http://q', ''],
    ['https before http', { http_proxy: 'http://p', HTTPS_PROXY: 'http://q' }, 'http://q', ''],
    ['http for want of https', { HTTP_PROXY: 'http://p' }, 'http://p', ''],
    ['without a scheme', { HTTPS_PROXY: 'proxy.test:3128' }, 'http://proxy.test:3128', ''],
    ['with a login', { HTTPS_PROXY: 'https://u:p%40@p' }, 'https://u:p%40@p', ''],
  ])('%s', (_name, env, url, except) => {
    expect(proxiesOf(env)).toEqual({ url, except });
  });

  test.each(['http://user:marked-secret@[', 'ftp://user:marked-secret@p', '://'])('%s is none', (text) => {
    let told = '';
    try {
      proxiesOf({ HTTPS_PROXY: text });
    } catch (thrown) {
      const { reason, detail, remedy } = toAtlasError(thrown);
      told = `${reason} ${detail} ${remedy}`;
    }
    expect(told).toContain('network HTTPS_PROXY is not the address of a proxy');
    expect(told).not.toContain('marked-secret');
  });
});
