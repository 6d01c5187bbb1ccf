/** The web config that all exporters of Prometheus share: https://github.com/prometheus/exporter-toolkit, docs/web-configuration.md */
import { z } from 'zod';

/** Cipher suites that Go holds to be secure, by Go's names, and OpenSSL's names for them. */
const cipherSuites = {
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
} as const;

const curves = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
  X25519MLKEM768: 'X25519MLKEM768',
} as const;

const versions = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

/** Go's names of what is asked of client certificates. */
const clientAuth = {
  NoClientCert: 'none',
  RequestClientCert: 'request',
  RequireAnyClientCert: 'require',
  RequireClientCert: 'require',
  VerifyClientCertIfGiven: 'verifyIfGiven',
  RequireAndVerifyClientCert: 'requireAndVerify',
} as const;

function oneOf<T extends Readonly<Record<string, string>>>(table: T, instead = '') {
  const names = Object.keys(table);
  return z
    .enum(names as [keyof T & string, ...(keyof T & string)[]], {
      error: () => `is not one of ${names.join(', ')}${instead}`,
    })
    .transform((name) => table[name] as T[keyof T & string]);
}

const file = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'is not the name of a file') })
  .min(1, 'is not the name of a file');
const flag = z.boolean({ error: 'is neither true nor false' });
const version = oneOf(versions, ' (older ones are not supported here)');

const tls = z.strictObject({
  cert_file: file,
  key_file: file,
  client_auth_type: oneOf(clientAuth).default('none'),
  client_ca_file: file.optional(),
  client_allowed_sans: z.array(z.string()).min(1, 'names nobody: leave it out, or name somebody').optional(),
  min_version: version.default('TLSv1.2'),
  max_version: version.default('TLSv1.3'),
  cipher_suites: z.array(oneOf(cipherSuites)).optional(),
  prefer_server_cipher_suites: flag.default(true),
  curve_preferences: z.array(oneOf(curves)).optional(),
});

const printable = z
  .string({ error: 'is not a text' })
  .regex(/^[\x20-\x7e]*$/, 'holds characters that a header cannot hold');
const headers = z.strictObject({
  'Content-Security-Policy': printable.optional(),
  'Strict-Transport-Security': printable.optional(),
  'X-Content-Type-Options': z.literal('nosniff', { error: 'can only be nosniff' }).optional(),
  'X-Frame-Options': z.enum(['deny', 'sameorigin'], { error: 'can only be deny or sameorigin' }).optional(),
  'X-XSS-Protection': printable.optional(),
});

const bcryptHash = z
  .string({ error: 'is not a bcrypt hash' })
  .regex(
    /^\$2[abxy]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z\d]{53}$/,
    'is not a bcrypt hash: make one with htpasswd -nBC 10 ""',
  );

const users = z
  .record(z.string().regex(/^[^:\p{Cc}]+$/u, 'is no user name: it holds a colon or cannot be read'), bcryptHash, {
    error: 'is not a list of users with their bcrypt hashes',
  })
  .refine(
    (all) => Object.keys(all).length > 0,
    'names nobody, and would let everybody in: leave it out, or name a user',
  );

export const webSchema = z.strictObject({
  tls_server_config: tls.optional(),
  http_server_config: z.strictObject({ http2: z.literal(false).optional(), headers: headers.optional() }).optional(),
  basic_auth_users: users.optional(),
  auth_excluded_paths: z.array(z.string().startsWith('/', 'is not a path: it begins with "/"')).optional(),
});

export type ParsedWeb = z.infer<typeof webSchema>;

/** Keys that other exporters support and this one does not, and what to do instead. */
export const unsupported: Readonly<Record<string, string>> = {
  'tls_server_config.cert': 'is not supported here: put the certificate in a file, and name it in cert_file',
  'tls_server_config.key': 'is not supported here: put the key in a file, and name it in key_file',
  'tls_server_config.client_ca': 'is not supported here: put the certificate in a file, and name it in client_ca_file',
  'http_server_config.http2': 'is not supported here: leave it out, or set it to false',
  rate_limit: 'is not supported here: --web.max-requests limits the scrapes under way',
};
