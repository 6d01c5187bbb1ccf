/** Reads the config of a file or of the environment: every problem at once, or a config that can be used as it is. */
import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import type { Project } from '../domain/project.ts';
import type { Api, CloudProvider, Kind } from '../domain/status.ts';
import { type CheckSchedule, crossChecks } from './checks.ts';
import { parseConfigDocument } from './document.ts';
import { environmentConfig } from './environment.ts';
import { formatPath, nearest, type Path, type Problem } from './problems.ts';
import { configSchema, type ParsedConfig } from './schema.ts';
import { fileSecret, fixedSecret, type Secret } from './secret.ts';
import { substitute } from './substitute.ts';

export type CredentialConfig =
  | { readonly type: 'digest'; readonly publicKey: Secret; readonly privateKey: Secret }
  | { readonly type: 'serviceAccount'; readonly clientId: Secret; readonly clientSecret: Secret };

export interface DiscoveryConfig {
  readonly organization: string;
  readonly credential: string;
  readonly include: RegExp | null;
  readonly exclude: RegExp | null;
  /** When the projects are listed; cron. */
  readonly schedule: string;
  readonly providers: readonly CloudProvider[];
  readonly kinds: readonly Kind[];
  readonly labels: Readonly<Record<string, string>>;
  /** When a project that was found is polled; cron. */
  readonly pollSchedule: string;
}

export interface Config {
  readonly atlas: {
    /** Without a slash at the end. */
    readonly baseUrl: string;
    readonly api: Api;
    readonly timeoutMs: number;
    readonly retries: number;
    readonly concurrency: number;
    readonly caFile: string | null;
  };
  readonly credentials: Readonly<Record<string, CredentialConfig>>;
  readonly projects: readonly Project[];
  readonly discovery: readonly DiscoveryConfig[];
  readonly poll: {
    readonly schedule: string;
    readonly timezone: string;
    readonly spreadMs: number;
    readonly fastSchedule: string | null;
    readonly interfaceEndpoints: boolean;
    readonly kinds: readonly Kind[];
  };
  readonly state: { readonly path: string; readonly changesKept: number };
  readonly metrics: {
    readonly staleAfterMs: number;
    readonly tombstoneForMs: number;
    readonly errorMessageText: boolean;
  };
}

export type Loaded =
  | {
      readonly ok: true;
      readonly config: Config;
      /** Every file that it was read from: to be watched. */
      readonly files: readonly string[];
      readonly origin: string;
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly origin: string };

export interface LoadOptions {
  /** `--config.file`; null for the default file if it exists, else the environment. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What is wrong with a cron expression, in words; null when nothing is. */
  readonly checkSchedule: CheckSchedule;
}

export const defaultFile = 'config/exporter.yaml';

/** Never throws for what a user wrote. */
export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  const { cwd, env } = options;
  const file = options.file ?? (existsSync(resolve(cwd, defaultFile)) ? defaultFile : null);
  return file === null ? fromEnvironment(options) : fromFile(file, resolve(cwd, file), env, options);
}

function fromFile(name: string, path: string, env: LoadOptions['env'], options: LoadOptions): Loaded {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return failed(name, [{ path: '', line: null, message: `the file cannot be read: ${reasonOf(error)}` }]);
  }
  const document = parseConfigDocument(text);
  if (document.problems.length > 0) return failed(name, document.problems);
  const problems: Problem[] = [];
  const used = new Map<string, string>();
  // What came from the environment may be a secret, wherever it was put: its name stands for it.
  const named = (message: string) =>
    [...used].reduce(
      (told, [variable, text]) => (text === '' ? told : told.replaceAll(text, `\${${variable}}`)),
      message,
    );
  const at = (where: Path, message: string): Problem => ({
    path: named(formatPath(where)),
    line: document.lineOf(where),
    message: named(message),
  });
  const unset = new Set<string>();
  const value = substitute(document.value, (variable, where) => {
    const found = env[variable];
    if (found === undefined) {
      unset.add(formatPath(where));
      problems.push(at(where, `the environment variable ${variable} is not set`));
    }
    used.set(variable, found ?? '');
    return found ?? '';
  });
  const loaded = toLoaded(value, problems, at, { ...options, origin: name, files: [path] });
  if (loaded.ok) return loaded;
  // That an unset variable leaves its place empty is no second problem.
  return failed(
    name,
    loaded.problems.filter(
      ({ path: where, message }) => !unset.has(where) || message.startsWith('the environment variable'),
    ),
  );
}

function fromEnvironment(options: LoadOptions): Loaded {
  const environment = environmentConfig(options.env);
  if (environment === null) return failed('none', [{ path: '', line: null, message: howToGiveOne }]);
  const at = (where: Path, message: string): Problem => ({
    path: environment.variableOf(where) ?? '',
    line: null,
    message: inVariables(message),
  });
  return toLoaded(environment.value, [], at, { ...options, origin: 'environment', files: [] });
}

const howToGiveOne = [
  'There is no config. Give one of these:',
  `      a file: --config.file PATH, or ${defaultFile} (see config/exporter.example.yaml)`,
  '  the environment: MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY (or MONGODB_ATLAS_CLIENT_ID and',
  '  MONGODB_ATLAS_CLIENT_SECRET), with MONGODB_ATLAS_PROJECT_ID or MONGODB_ATLAS_ORG_ID',
  'Or try it without an account: atlas-private-endpoint-exporter demo',
].join('\n');

/** The checks speak of keys of the file; whoever wrote variables has never seen those. */
function inVariables(message: string): string {
  return message
    .replace(
      /^there is nothing to watch: .*$/,
      'there is nothing to watch: set MONGODB_ATLAS_PROJECT_ID or MONGODB_ATLAS_ORG_ID',
    )
    .replace(
      /^there is no credential: .*$/,
      'there is no credential: set MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET',
    )
    .replace(
      /^is digest and serviceAccount at once: .*$/,
      'set either MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, not both',
    )
    .replace(/^needs publicKey or .*$/, 'MONGODB_ATLAS_PUBLIC_API_KEY is not set, but MONGODB_ATLAS_PRIVATE_API_KEY is')
    .replace(
      /^needs privateKey or .*$/,
      'MONGODB_ATLAS_PRIVATE_API_KEY is not set, but MONGODB_ATLAS_PUBLIC_API_KEY is',
    )
    .replace(/^needs clientId or .*$/, 'MONGODB_ATLAS_CLIENT_ID is not set, but MONGODB_ATLAS_CLIENT_SECRET is')
    .replace(/^needs clientSecret or .*$/, 'MONGODB_ATLAS_CLIENT_SECRET is not set, but MONGODB_ATLAS_CLIENT_ID is');
}

interface Origin extends LoadOptions {
  readonly origin: string;
  readonly files: readonly string[];
}

function toLoaded(
  raw: unknown,
  before: readonly Problem[],
  at: (path: Path, message: string) => Problem,
  options: Origin,
): Loaded {
  const { origin } = options;
  const problems = [...before];
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => issueProblems(issue, at)));
  problems.push(...crossChecks(raw, options.checkSchedule).map(({ path, message }) => at(path, message)));
  if (!parsed.success || problems.length > 0) {
    return failed(origin, unique(problems));
  }
  const secretFiles: string[] = [];
  const credentials = Object.fromEntries(
    Object.entries(parsed.data.credentials).map(([name, credential]) => {
      const secret = (type: string, key: string, value?: string, file?: string) => {
        if (file === undefined) return fixedSecret(value ?? '');
        const path = isAbsolute(file) ? file : resolve(options.cwd, file);
        secretFiles.push(path);
        try {
          return fileSecret(path);
        } catch (error) {
          problems.push(
            at(['credentials', name, type, `${key}File`], `the secret in '${file}' cannot be read: ${reasonOf(error)}`),
          );
          return fixedSecret('');
        }
      };
      return [name, toCredential(credential, secret)];
    }),
  );
  const { caFile } = parsed.data.atlas;
  const caPath = caFile === undefined ? null : resolve(options.cwd, caFile);
  if (caPath !== null && !isReadable(caPath))
    problems.push(at(['atlas', 'caFile'], `the file '${caFile}' cannot be read`));
  if (problems.length > 0) return failed(origin, problems);
  const files = [...options.files, ...secretFiles, ...(caPath === null ? [] : [caPath])];
  return { ok: true, config: toConfig(parsed.data, credentials, caPath), files, origin };
}

type ParsedCredential = ParsedConfig['credentials'][string];

function toCredential(
  { digest, serviceAccount }: ParsedCredential,
  secret: (type: string, key: string, value?: string, file?: string) => Secret,
): CredentialConfig {
  if (digest) {
    return {
      type: 'digest',
      publicKey: secret('digest', 'publicKey', digest.publicKey, digest.publicKeyFile),
      privateKey: secret('digest', 'privateKey', digest.privateKey, digest.privateKeyFile),
    };
  }
  return {
    type: 'serviceAccount',
    clientId: secret('serviceAccount', 'clientId', serviceAccount?.clientId, serviceAccount?.clientIdFile),
    clientSecret: secret(
      'serviceAccount',
      'clientSecret',
      serviceAccount?.clientSecret,
      serviceAccount?.clientSecretFile,
    ),
  };
}

function toConfig(parsed: ParsedConfig, credentials: Config['credentials'], caFile: string | null): Config {
  const { atlas, poll, state, metrics } = parsed;
  const [onlyCredential = ''] = Object.keys(credentials);
  const providers: readonly CloudProvider[] = atlas.api === 'v1.0' ? ['AWS'] : ['AWS', 'AZURE', 'GCP'];
  const wishes = (item: ParsedConfig['projects'][number] | ParsedConfig['discovery'][number]) => ({
    credential: item.credential ?? onlyCredential,
    providers: item.providers ?? providers,
    kinds: item.kinds ?? poll.kinds,
    labels: item.labels ?? {},
  });
  return {
    atlas: { ...atlas, timeoutMs: atlas.timeout, caFile },
    credentials,
    projects: parsed.projects.map((project) => ({
      ...wishes(project),
      id: project.id,
      name: project.name ?? null,
      schedule: project.schedule ?? poll.schedule,
    })),
    discovery: parsed.discovery.map((entry) => ({
      ...wishes(entry),
      organization: entry.organization,
      include: entry.include ?? null,
      exclude: entry.exclude ?? null,
      schedule: entry.schedule,
      pollSchedule: poll.schedule,
    })),
    poll: { ...poll, spreadMs: poll.spread, fastSchedule: poll.fastSchedule === false ? null : poll.fastSchedule },
    state,
    metrics: { ...metrics, staleAfterMs: metrics.staleAfter, tombstoneForMs: metrics.tombstoneFor },
  };
}

function issueProblems(issue: z.core.$ZodIssue, at: (path: Path, message: string) => Problem): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, knownKeys(issue.path));
      return at([...issue.path, key], `unknown key${near === null ? '' : `; did you mean '${near}'?`}`);
    });
  }
  if (issue.code === 'invalid_key') return [at(issue.path, issue.issues[0]?.message ?? 'is no name')];
  if (issue.code === 'invalid_union') return [at(issue.path, 'must be a cron expression, or false')];
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return [at(issue.path, `must be ${wanted[issue.expected] ?? issue.expected}`)];
  }
  return [at(issue.path, issue.message)];
}

const wanted: Readonly<Record<string, string>> = {
  object: 'a set of keys and values',
  array: 'a list',
  record: 'a set of keys and values',
};

/** The keys that the schema knows at a path. */
function knownKeys(path: Path): readonly string[] {
  const at = (schema: unknown, [key, ...rest]: Path): unknown => {
    const inner = unwrap(schema);
    if (key === undefined) return inner;
    const { shape, element, valueType } = inner as {
      shape?: Record<PropertyKey, unknown>;
      element?: unknown;
      valueType?: unknown;
    };
    return at(typeof key === 'number' ? element : (shape?.[key] ?? valueType), rest);
  };
  const found = at(configSchema, path);
  return typeof found === 'object' && found !== null && 'shape' in found ? Object.keys(found.shape as object) : [];
}

function unwrap(schema: unknown): unknown {
  const inner = schema as
    | { unwrap?: () => unknown; shape?: unknown; element?: unknown; valueType?: unknown }
    | undefined;
  return inner?.unwrap && !inner.shape && !inner.element && !inner.valueType ? unwrap(inner.unwrap()) : inner;
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem]));
  return [...seen.values()];
}

function failed(origin: string, problems: readonly Problem[]): Loaded {
  return { ok: false, problems, origin };
}

function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user may not read it';
  if (code === 'EISDIR') return 'it is a directory';
  return error instanceof Error ? error.message : String(error);
}
