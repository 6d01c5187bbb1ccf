/** Reads the config of a file or of the environment: every problem at once, or a config that can be used as it is. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { certificatesProblem } from '../certificates.ts';
import { formatPath, type Path, type Problem } from '../problems.ts';
import { loadTextFile, type SeenFile } from '../text-file.ts';
import { type CheckSchedule, crossChecks } from './checks.ts';
import { type Config, toConfig, toCredential } from './config.ts';
import { parseConfigDocument } from './document.ts';
import { environmentConfig } from './environment.ts';
import { issueProblems } from './issues.ts';
import { configSchema } from './schema.ts';
import { fileSecret, fixedSecret } from './secret.ts';
import { substitute } from './substitute.ts';

export type Loaded =
  | {
      readonly ok: true;
      readonly config: Config;
      /** Every file that it was read from: to be watched. */
      readonly files: readonly SeenFile[];
      readonly origin: string;
    }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** Every file that was tried: a change of one may mend the config. */
      readonly files: readonly SeenFile[];
      readonly origin: string;
    };

export interface LoadOptions {
  /** `--config.file`; null for the default file if it exists, else the environment. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What is wrong with a cron expression, in words; null when nothing is. */
  readonly checkSchedule: CheckSchedule;
}

const defaultFile = 'config/exporter.yaml';

/** Never throws for what a user wrote. */
export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  const { cwd, env } = options;
  const file = options.file ?? (existsSync(resolve(cwd, defaultFile)) ? defaultFile : null);
  return file === null ? fromEnvironment(options) : fromFile(file, resolve(cwd, file), env, options);
}

function fromFile(name: string, path: string, env: LoadOptions['env'], options: LoadOptions): Loaded {
  const file = loadTextFile(path);
  const files = [file.seen];
  if (!file.ok)
    return failed(name, [{ path: '', line: null, message: `the file cannot be read: ${file.problem}` }], files);
  const document = parseConfigDocument(file.text);
  if (document.problems.length > 0) return failed(name, document.problems, files);
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
  const loaded = toLoaded(value, problems, at, { ...options, origin: name, files });
  if (loaded.ok) return loaded;
  // That an unset variable leaves its place empty is no second problem.
  return failed(
    name,
    loaded.problems.filter(
      ({ path: where, message }) => !unset.has(where) || message.startsWith('the environment variable'),
    ),
    loaded.files,
  );
}

function fromEnvironment(options: LoadOptions): Loaded {
  const environment = environmentConfig(options.env);
  if (environment === null) return failed('none', [{ path: '', line: null, message: howToGiveOne }], []);
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
  readonly files: readonly SeenFile[];
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
    return failed(origin, unique(problems), options.files);
  }
  const files = [...options.files];
  const credentials = Object.fromEntries(
    Object.entries(parsed.data.credentials).map(([name, credential]) => {
      const secret = (type: string, key: string, value?: string, file?: string) => {
        if (file === undefined) return fixedSecret(value ?? '');
        const path = isAbsolute(file) ? file : resolve(options.cwd, file);
        const read = fileSecret(path);
        files.push(read.seen);
        if (read.ok) return read.secret;
        problems.push(at(['credentials', name, type, `${key}File`], whyNotRead(key, file, read.problem)));
        return fixedSecret('');
      };
      return [name, toCredential(credential, secret)];
    }),
  );
  const { caFile } = parsed.data.atlas;
  const ca = caFile === undefined ? null : loadTextFile(resolve(options.cwd, caFile));
  if (ca !== null) {
    files.push(ca.seen);
    const problem = ca.ok ? certificatesProblem(ca.text) : `cannot be read: ${ca.problem}`;
    if (problem !== null) problems.push(at(['atlas', 'caFile'], `the file '${caFile}' ${problem}`));
  }
  if (problems.length > 0) return failed(origin, problems, files);
  const authorities = ca?.ok ? { file: ca.seen.path, text: ca.text } : null;
  return { ok: true, config: toConfig(parsed.data, credentials, authorities), files, origin };
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem]));
  return [...seen.values()];
}

function failed(origin: string, problems: readonly Problem[], files: readonly SeenFile[]): Loaded {
  return { ok: false, problems, files, origin };
}

/** A secret that was written where the name of its file belongs is not repeated. */
function whyNotRead(key: string, file: string, problem: string): string {
  if (/^[^/]*(?:mdb_sa_sk_|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})[^/]*$/i.test(file))
    return `holds a secret, not the name of its file: write it as ${key}, or into a file`;
  return `the secret in '${file}' cannot be read: ${problem}`;
}
