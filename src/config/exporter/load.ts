/** Loads the config of a file or of the environment: every problem at once, or a config that can be used as it is. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { certificatesProblem } from '../certificates.ts';
import { parseConfigDocument } from '../document.ts';
import { formatPath, type Path, type Problem } from '../problems.ts';
import { schemaProblems } from '../schema-problems.ts';
import { loadTextFile, type SeenFile } from '../text-file.ts';
import { type CheckSchedule, crossChecks } from './checks.ts';
import { type Config, toConfig, toCredential } from './config.ts';
import { readCredentialSecrets } from './credential-secrets.ts';
import { environmentConfig, environmentSentences } from './environment.ts';
import { type Finding, type Sentences, toSentence } from './finding.ts';
import { withoutFollowUps } from './follow-ups.ts';
import { get, valueAt } from './raw.ts';
import { configSchema } from './schema.ts';
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
      /** Every file whose change may end the problems. */
      readonly files: readonly SeenFile[];
      readonly origin: string;
    };

export interface LoadOptions {
  /** `--config.file`; null for the default file if it exists, else the environment. */
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly checkSchedule: CheckSchedule;
}

const defaultFile = 'config/exporter.yaml';

/** Never throws for what a user wrote. */
export async function loadConfig(options: LoadOptions): Promise<Loaded> {
  const { cwd } = options;
  const file = options.file ?? (existsSync(resolve(cwd, defaultFile)) ? defaultFile : null);
  return file === null ? fromEnvironment(options) : fromFile(file, resolve(cwd, file), options);
}

function fromFile(origin: string, path: string, options: LoadOptions): Loaded {
  const file = loadTextFile(path);
  const files = [file.seen];
  const failed = (problems: readonly Problem[]): Loaded => ({ ok: false, problems, files, origin });
  if (!file.ok) return failed([{ path: '', line: null, message: `the file cannot be read: ${file.problem}` }]);
  const document = parseConfigDocument(file.text);
  if (document.problems.length > 0) return failed(document.problems);
  const unset: Finding[] = [];
  const value = substitute(document.value, (variable, where) => {
    const found = options.env[variable];
    if (found === undefined) unset.push({ path: where, code: 'unset_variable', variable });
    return found ?? '';
  });
  return toLoaded(value, unset, {
    ...options,
    origin,
    files,
    written: document.value,
    sentences: {},
    placeOf: (where) => ({ path: formatPath(where), line: document.lineOf(where) }),
  });
}

function fromEnvironment(options: LoadOptions): Loaded {
  const environment = environmentConfig(options.env);
  if (environment === null) {
    return { ok: false, problems: [{ path: '', line: null, message: howToGiveOne }], files: [], origin: 'none' };
  }
  return toLoaded(environment.value, [], {
    ...options,
    origin: 'environment',
    files: [],
    written: environment.value,
    sentences: environmentSentences,
    placeOf: (where) => ({ path: environment.variableOf(where) ?? '', line: null }),
  });
}

const howToGiveOne = [
  'There is no config. Give one of these:',
  `      a file: --config.file PATH, or ${defaultFile} (see config/exporter.example.yaml)`,
  '  the environment: MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY (or MONGODB_ATLAS_CLIENT_ID and',
  '  MONGODB_ATLAS_CLIENT_SECRET), with MONGODB_ATLAS_PROJECT_ID or MONGODB_ATLAS_ORG_ID',
  'Or try it without an account: atlas-private-endpoint-exporter demo',
].join('\n');

interface Origin extends LoadOptions {
  readonly origin: string;
  readonly files: readonly SeenFile[];
  /** The value before variables took their places: the only form in which it may be quoted. */
  readonly written: unknown;
  /** Sentences that take the place of those for a file. */
  readonly sentences: Partial<Sentences>;
  placeOf(path: Path): Pick<Problem, 'path' | 'line'>;
}

function toLoaded(raw: unknown, before: readonly Finding[], options: Origin): Loaded {
  const { origin, cwd } = options;
  const parsed = configSchema.safeParse(raw);
  const secrets = readCredentialSecrets(raw, cwd);
  const ca = loadCaFile(get(get(raw, 'atlas'), 'caFile'), cwd);
  const findings = withoutFollowUps(
    [
      ...before,
      ...schemaProblems(configSchema, parsed.error?.issues ?? []),
      ...crossChecks(raw, options.checkSchedule),
      ...secrets.findings,
      ...ca.findings,
    ],
    raw,
  );
  const files = [...options.files, ...secrets.files, ...ca.files];
  if (!parsed.success || findings.length > 0) {
    return { ok: false, problems: unique(findings.map((finding) => toProblem(finding, raw, options))), files, origin };
  }
  const credentials = Object.fromEntries(
    Object.entries(parsed.data.credentials).map(([name, credential]) => [
      name,
      toCredential(credential, (part) => secrets.secretOf(name, part)),
    ]),
  );
  return { ok: true, config: toConfig(parsed.data, credentials, ca.authorities), files, origin };
}

function toProblem(finding: Finding, raw: unknown, { written, sentences, placeOf }: Origin): Problem {
  const paths = [finding.path, ...('quotes' in finding ? finding.quotes : [])];
  const quoted = {
    text: `'${String(valueAt(written, finding.path))}'`,
    fromVariable: paths.some(
      (path) => typeof valueAt(raw, path) === 'string' && valueAt(raw, path) !== valueAt(written, path),
    ),
  };
  return { ...placeOf(finding.path), message: toSentence(finding, quoted, sentences) };
}

interface CaFile {
  readonly authorities: Config['atlas']['ca'];
  readonly findings: readonly Finding[];
  readonly files: readonly SeenFile[];
}

function loadCaFile(name: unknown, cwd: string): CaFile {
  if (typeof name !== 'string' || name === '') return { authorities: null, findings: [], files: [] };
  const file = loadTextFile(resolve(cwd, name));
  const files = [file.seen];
  const what = file.ok ? certificatesProblem(file.text) : `cannot be read: ${file.problem}`;
  if (!file.ok || what !== null) {
    return {
      authorities: null,
      findings: [{ path: ['atlas', 'caFile'], code: 'bad_ca_file', what: what ?? '' }],
      files,
    };
  }
  return { authorities: { file: file.seen.path, text: file.text }, findings: [], files };
}

function unique(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem]));
  return [...seen.values()];
}
