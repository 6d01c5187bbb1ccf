import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadWebConfig } from '../../../src/config/web/web.ts';

const folder = mkdtempSync(join(tmpdir(), 'web-config-'));
const certificates = new URL('../../fixtures/tls', import.meta.url).pathname;
const tls = (...lines: readonly string[]) =>
  [
    'tls_server_config:',
    ...[`cert_file: ${certificates}/server.pem`, `key_file: ${certificates}/server.key`, ...lines].map(
      (line) => `  ${line}`,
    ),
  ].join('\n');
const ca = `client_ca_file: ${certificates}/ca.pem`;
const hash = '$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze';

function load(text: string) {
  writeFileSync(join(folder, 'web.yaml'), text);
  return loadWebConfig('web.yaml', folder);
}

function problemsOf(text: string): readonly string[] {
  const loaded = load(text);
  return loaded.ok ? [] : loaded.problems.map(({ path, line, message }) => `${line ?? '-'} ${path}: ${message}`);
}

describe('good files', () => {
  test('TLS with everything', () => {
    const loaded = load(
      tls(
        'client_auth_type: RequireAndVerifyClientCert',
        ca,
        'client_allowed_sans: [prometheus.example]',
        'min_version: TLS12',
        'max_version: TLS13',
        'cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]',
        'prefer_server_cipher_suites: false',
        'curve_preferences: [X25519, CurveP256]',
      ),
    );
    expect(loaded).toMatchObject({
      ok: true,
      web: {
        tls: {
          context: {
            cert: readFileSync(`${certificates}/server.pem`, 'utf8'),
            minVersion: 'TLSv1.2',
            maxVersion: 'TLSv1.3',
            honorCipherOrder: false,
            ciphers:
              'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
            ecdhCurve: 'X25519:P-256',
          },
          clientAuth: 'requireAndVerify',
          allowedSans: ['prometheus.example'],
        },
        users: new Map(),
      },
    });
    expect(loaded.files.map(({ path }) => path)).toEqual([
      join(folder, 'web.yaml'),
      ...['server.pem', 'server.key', 'ca.pem'].map((name) => join(certificates, name)),
    ]);
  });

  test('what is left out', () => {
    expect(load(tls())).toMatchObject({
      web: {
        tls: {
          context: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', honorCipherOrder: true },
          clientAuth: 'none',
          allowedSans: null,
        },
        headers: {},
        openPaths: [],
      },
    });
  });

  test('users, headers and open paths', () => {
    const loaded = load(`
basic_auth_users:
  alice: ${hash}
  "Jürgen": "$2b$04$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
http_server_config:
  http2: false
  headers: { X-Frame-Options: deny, Strict-Transport-Security: max-age=31536000, X-XSS-Protection: "" }
auth_excluded_paths: [/-/healthy]
`);
    expect(loaded).toMatchObject({
      ok: true,
      web: {
        tls: null,
        users: new Map([
          ['alice', hash],
          ['Jürgen', expect.stringMatching(/^\$2b/)],
        ]),
        headers: { 'X-Frame-Options': 'deny', 'Strict-Transport-Security': 'max-age=31536000' },
        openPaths: ['/-/healthy'],
      },
    });
  });

  test('names of files are relative to the file that they stand in', () => {
    writeFileSync(join(folder, 'relative.yaml'), tls().replaceAll(certificates, relative(folder, certificates)));
    expect(loadWebConfig(join(folder, 'relative.yaml'), '/')).toMatchObject({ ok: true });
  });

  test('the example', () => {
    const example = new URL('../../../config/web.example.yaml', import.meta.url).pathname;
    const text = readFileSync(example, 'utf8').replace(
      /(cert|key)_file: (\S+)/g,
      (_, part: string) => `${part}_file: ${certificates}/server.${part === 'cert' ? 'pem' : 'key'}`,
    );
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('bad files', () => {
  test.each<[string, string, readonly (string | RegExp)[]]>([
    ['is empty', '', ['- : the file is empty: leave out --web.config.file to ask for nothing']],
    ['holds a comment only', '# soon\n', ['- : the file is empty: leave out --web.config.file to ask for nothing']],
    ['is no YAML', 'basic_auth_users: {', [/^1 : is not YAML: /]],
    ['is a list', '- a', ['- : must be a set of keys and values']],
    [
      'names a key twice',
      `basic_auth_users: {a: ${hash}}\nbasic_auth_users: {b: ${hash}}`,
      ['2 : this key stands here twice: keep one of them'],
    ],
    [
      'holds an unknown key',
      'basic_auth_user: {}',
      ["1 basic_auth_user: unknown key; did you mean 'basic_auth_users'?"],
    ],
    [
      'holds an unknown key deeper',
      tls('min_versions: TLS12'),
      ["4 tls_server_config.min_versions: unknown key; did you mean 'min_version'?"],
    ],
    [
      'limits the rate',
      'rate_limit: {interval: 1s}',
      ['1 rate_limit: is not supported here: --web.max-requests limits the scrapes under way'],
    ],
    [
      'wants HTTP/2',
      'http_server_config: {http2: true}',
      ['1 http_server_config.http2: is not supported here: leave it out, or set it to false'],
    ],
    [
      'has the key in it',
      tls('key: x'),
      ['4 tls_server_config.key: is not supported here: put the key in a file, and name it in key_file'],
    ],
    [
      'has no key',
      `tls_server_config: {cert_file: ${certificates}/server.pem}`,
      ['1 tls_server_config.key_file: is missing'],
    ],
    [
      'names a file that is not there',
      tls().replace('server.key', 'gone.key'),
      [/^3 tls_server_config.key_file: the file '.*gone.key' cannot be read: there is no such file$/],
    ],
    [
      'names authorities that are none',
      tls('client_auth_type: RequireAndVerifyClientCert', `client_ca_file: ${certificates}/server.key`),
      [/^5 tls_server_config.client_ca_file: the file '.*server.key' holds no certificate: write certificates in PEM/],
    ],
    [
      'has a user of a name that cannot be',
      `basic_auth_users: {__proto__: "${hash}"}`,
      ['1 __proto__: this name cannot be used: choose another'],
    ],
    [
      'names a folder',
      tls().replace('server.key', ''),
      [/^3 tls_server_config.key_file: the file '.*' cannot be read: it is a directory$/],
    ],
    [
      'names a key of another certificate',
      tls().replace('server.key', 'client.key'),
      ['2 tls_server_config.cert_file: does not belong to key_file'],
    ],
    [
      'names a certificate that is none',
      tls().replace('server.pem', 'make.sh'),
      [/^2 tls_server_config.cert_file: '.*make.sh' cannot be used: /],
    ],
    [
      'wants TLS 1.1',
      tls('min_version: TLS11'),
      ['4 tls_server_config.min_version: is not one of TLS12, TLS13 (older ones are not supported here)'],
    ],
    [
      'wants no version at all',
      tls('min_version: TLS13', 'max_version: TLS12'),
      ['4 tls_server_config.min_version: is newer than max_version'],
    ],
    [
      'wants a weak cipher',
      tls('cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]'),
      [/^4 tls_server_config.cipher_suites\[0\]: is not one of TLS_AES_128_GCM_SHA256, /],
    ],
    [
      'wants an unknown curve',
      tls('curve_preferences: [P256]'),
      [/^4 tls_server_config.curve_preferences\[0\]: is not one of CurveP256, /],
    ],
    [
      'verifies clients by nobody',
      tls('client_auth_type: RequireAndVerifyClientCert'),
      ['4 tls_server_config.client_auth_type: needs client_ca_file, to know whom to trust'],
    ],
    [
      'trusts a CA and asks nobody',
      tls(ca),
      ['4 tls_server_config.client_ca_file: is of no use: set client_auth_type to RequireAndVerifyClientCert'],
    ],
    [
      'allows names of unverified clients',
      tls('client_allowed_sans: [a]'),
      ['4 tls_server_config.client_allowed_sans: needs client_auth_type RequireAndVerifyClientCert'],
    ],
    [
      'asks clients for something unknown',
      tls('client_auth_type: Always'),
      [/^4 tls_server_config.client_auth_type: is not one of NoClientCert, /],
    ],
    ['allows one name', tls('client_allowed_sans: a'), ['4 tls_server_config.client_allowed_sans: must be a list']],
    [
      'is true where more is wanted',
      'http_server_config: true',
      ['1 http_server_config: must be a set of keys and values'],
    ],
    [
      'names no users',
      'basic_auth_users: {}',
      ['1 basic_auth_users: names nobody, and would let everybody in: leave it out, or name a user'],
    ],
    [
      'ends before its users',
      'basic_auth_users:\n',
      ['1 basic_auth_users: is not a list of users with their bcrypt hashes'],
    ],
    [
      'has a plain password',
      'basic_auth_users: {alice: geheim}',
      ['1 basic_auth_users.alice: is not a bcrypt hash: make one with htpasswd -nBC 10 ""'],
    ],
    [
      'has a hash that was cut',
      `basic_auth_users: {alice: ${hash.slice(0, -1)}}`,
      ['1 basic_auth_users.alice: is not a bcrypt hash: make one with htpasswd -nBC 10 ""'],
    ],
    [
      'has a user with a colon',
      `basic_auth_users: {"a:b": ${hash}}`,
      ['1 basic_auth_users.a:b: is no user name: it holds a colon or cannot be read'],
    ],
    [
      'sets a header that may not be set',
      'http_server_config: {headers: {Server: x}}',
      ['1 http_server_config.headers.Server: unknown key'],
    ],
    [
      'sets an odd frame policy',
      'http_server_config: {headers: {X-Frame-Options: allow}}',
      ['1 http_server_config.headers.X-Frame-Options: can only be deny or sameorigin'],
    ],
    [
      'breaks a header',
      'http_server_config: {headers: {X-XSS-Protection: "a\\r\\nb"}}',
      ['1 http_server_config.headers.X-XSS-Protection: holds characters that a header cannot hold'],
    ],
    [
      'opens something that is no path',
      'auth_excluded_paths: [metrics]',
      ['1 auth_excluded_paths[0]: is not a path: it begins with "/"'],
    ],
  ])('%s', (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(expected.length);
    expected.forEach((message, index) => {
      if (typeof message === 'string') expect(problems[index]).toBe(message);
      else expect(problems[index]).toMatch(message);
    });
    expect(problems.join()).not.toContain('geheim');
  });

  test('everything that is wrong is told at once', () => {
    expect(
      problemsOf(`${tls('min_version: TLS10', 'max_version: 3')}\nrate_limit: {}\nbasic_auth_users: {}`),
    ).toHaveLength(4);
  });

  test('a file that is not there', () => {
    expect(loadWebConfig('gone.yaml', folder)).toEqual({
      ok: false,
      origin: 'gone.yaml',
      problems: [{ path: '', line: null, message: 'the file cannot be read: there is no such file' }],
      files: [{ path: join(folder, 'gone.yaml'), signature: 'ENOENT' }],
    });
  });
});
