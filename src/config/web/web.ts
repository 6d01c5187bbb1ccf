/** Reads the file of `--web.config.file`: TLS, headers and passwords of the exporter's own port. */
import { dirname, resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { WebSettings } from '../../domain/protection.ts';
import { certificatesProblem } from '../certificates.ts';
import { parseConfigDocument } from '../document.ts';
import { formatPath, type Path, type Problem } from '../problems.ts';
import { schemaProblems } from '../schema-problems.ts';
import { loadTextFile, type SeenFile } from '../text-file.ts';
import { type ParsedWeb, unsupported, webSchema } from './web-schema.ts';

export type LoadedWeb =
  | { readonly ok: true; readonly web: WebSettings; readonly files: readonly SeenFile[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** Every file that was tried: a change of one may mend the web config. */
      readonly files: readonly SeenFile[];
      readonly origin: string;
    };

/** Loads a web config, or every problem at once. Names of files are relative to the file that they stand in. Never throws for what a user wrote. */
export function loadWebConfig(name: string, cwd: string): LoadedWeb {
  const path = resolve(cwd, name);
  const file = loadTextFile(path);
  const files = [file.seen];
  const failed = (problems: readonly Problem[]): LoadedWeb => ({ ok: false, problems, files, origin: name });
  if (!file.ok) return failed([{ path: '', line: null, message: `the file cannot be read: ${file.problem}` }]);
  const document = parseConfigDocument(file.text);
  if (document.problems.length > 0) return failed(document.problems);
  const at = (where: Path, message: string): Problem => ({
    path: formatPath(where),
    line: document.lineOf(where),
    message,
  });
  // An empty file does not mean that nothing is protected: it may be just being written, or emptied by accident.
  if (isEmpty(document.value)) {
    return failed([
      { path: '', line: null, message: 'the file is empty: leave out --web.config.file to ask for nothing' },
    ]);
  }
  const parsed = webSchema.safeParse(document.value);
  if (!parsed.success) {
    const instead = (where: Path) => unsupported[formatPath(where)];
    return failed(
      schemaProblems(webSchema, parsed.error.issues, instead).map(({ path, message }) => at(path, message)),
    );
  }

  const problems: Problem[] = [];
  const { tls_server_config: tls, http_server_config: http } = parsed.data;
  const loaded = tls
    ? loadTls(tls, dirname(path), files, (key, message) => problems.push(at(['tls_server_config', key], message)))
    : null;
  if (problems.length > 0) return failed(problems);
  const web = {
    tls: loaded,
    headers: Object.fromEntries(
      Object.entries(http?.headers ?? {}).flatMap(([header, value]) => (value ? [[header, value]] : [])),
    ),
    users: new Map(Object.entries(parsed.data.basic_auth_users ?? {})),
    openPaths: parsed.data.auth_excluded_paths ?? [],
  };
  return { ok: true, web, files };
}

type ParsedTls = NonNullable<ParsedWeb['tls_server_config']>;

function loadTls(
  tls: ParsedTls,
  folder: string,
  files: SeenFile[],
  problem: (key: keyof ParsedTls, message: string) => void,
): WebSettings['tls'] {
  const content = (key: 'cert_file' | 'key_file' | 'client_ca_file') => {
    const name = tls[key];
    if (name === undefined) return undefined;
    const file = loadTextFile(resolve(folder, name));
    files.push(file.seen);
    if (file.ok) return file.text;
    problem(key, `the file '${name}' cannot be read: ${file.problem}`);
    return undefined;
  };
  const [cert, key, ca] = [content('cert_file'), content('key_file'), content('client_ca_file')];
  checkClients(tls, problem);
  if (tls.min_version > tls.max_version) problem('min_version', 'is newer than max_version');
  if (cert === undefined || key === undefined || (ca === undefined && tls.client_ca_file !== undefined)) return null;

  const caProblem = ca === undefined ? null : certificatesProblem(ca);
  if (caProblem !== null) problem('client_ca_file', `the file '${tls.client_ca_file}' ${caProblem}`);
  const context = { cert, key, ...(ca !== undefined && { ca }), ...protocol(tls) };
  const parts = [
    ['cert_file', { cert }],
    ['key_file', { key }],
    ['cert_file', context],
  ] as const;
  const broken = parts.find(([, options]) => !isUsable(options));
  if (broken) {
    const [part, options] = broken;
    problem(
      part,
      options === context
        ? 'does not belong to key_file'
        : `'${tls[part]}' cannot be used: it is not PEM, or has a password`,
    );
  }
  return { context, clientAuth: tls.client_auth_type, allowedSans: tls.client_allowed_sans ?? null };
}

function checkClients(tls: ParsedTls, problem: (key: keyof ParsedTls, message: string) => void): void {
  const verifies = tls.client_auth_type === 'verifyIfGiven' || tls.client_auth_type === 'requireAndVerify';
  if (verifies && tls.client_ca_file === undefined)
    problem('client_auth_type', 'needs client_ca_file, to know whom to trust');
  if (!verifies && tls.client_ca_file !== undefined) {
    problem('client_ca_file', 'is of no use: set client_auth_type to RequireAndVerifyClientCert');
  }
  if (tls.client_auth_type !== 'requireAndVerify' && tls.client_allowed_sans !== undefined) {
    problem('client_allowed_sans', 'needs client_auth_type RequireAndVerifyClientCert');
  }
}

/** The options of the protocol. As in Go, `cipher_suites` chooses among those of TLS 1.2 only: TLS 1.3 always has its three. */
function protocol(tls: ParsedTls): SecureContextOptions {
  const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
  const chosen = tls.cipher_suites;
  return {
    minVersion: tls.min_version,
    maxVersion: tls.max_version,
    honorCipherOrder: tls.prefer_server_cipher_suites,
    ...(chosen && { ciphers: [...new Set([...tls13, ...chosen])].join(':') }),
    ...(tls.curve_preferences && { ecdhCurve: tls.curve_preferences.join(':') }),
  };
}

function isUsable(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
