/** A config of environment variables alone, by the names that Atlas' own tools use. */
import type { Path } from '../problems.ts';
import type { Sentences } from './finding.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface EnvironmentConfig {
  /** A raw config in the shape of the file. */
  readonly value: unknown;
  /** The variable that gives the value at a path; null when none does. */
  variableOf(path: Path): string | null;
}

const names = {
  publicKey: 'MONGODB_ATLAS_PUBLIC_API_KEY',
  privateKey: 'MONGODB_ATLAS_PRIVATE_API_KEY',
  clientId: 'MONGODB_ATLAS_CLIENT_ID',
  clientSecret: 'MONGODB_ATLAS_CLIENT_SECRET',
  project: 'MONGODB_ATLAS_PROJECT_ID',
  organization: 'MONGODB_ATLAS_ORG_ID',
  baseUrl: 'MONGODB_ATLAS_BASE_URL',
  api: 'MONGODB_ATLAS_API',
} as const;

const key = `${names.publicKey} and ${names.privateKey}`;
const account = `${names.clientId} and ${names.clientSecret}`;
const partners = {
  publicKey: names.privateKey,
  privateKey: names.publicKey,
  clientId: names.clientSecret,
  clientSecret: names.clientId,
};

/** The sentences that would name keys of a file, in names of variables. */
export const environmentSentences: Partial<Sentences> = {
  nothing_to_watch: () => `there is nothing to watch: set ${names.project} or ${names.organization}`,
  no_credentials: () => `there is no credential: set ${key}, or ${account}`,
  two_credential_types: () => `set either ${key}, or ${account}, not both`,
  missing_part: ({ part }) => `${names[part]} is not set, but ${partners[part]} is`,
};

/** The config of the variables; null when none of them is set. */
export function environmentConfig(env: Env): EnvironmentConfig | null {
  const said = (name: string) => env[name]?.trim() || undefined;
  const { publicKey, privateKey, clientId, clientSecret } = names;
  if (!Object.values(names).some(said)) return null;
  const projects = (said(names.project) ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  const organization = said(names.organization);
  const digest = present({ publicKey: said(publicKey), privateKey: said(privateKey) });
  const serviceAccount = present({ clientId: said(clientId), clientSecret: said(clientSecret) });
  const credential = present({
    digest: Object.keys(digest).length > 0 ? digest : undefined,
    serviceAccount: Object.keys(serviceAccount).length > 0 ? serviceAccount : undefined,
  });
  return {
    value: {
      atlas: present({ baseUrl: said(names.baseUrl), api: said(names.api) }),
      credentials: Object.keys(credential).length > 0 ? { environment: credential } : {},
      projects: projects.map((id) => ({ id })),
      discovery: organization === undefined ? [] : [{ organization }],
    },
    variableOf(path) {
      const words = path.filter((key) => typeof key === 'string');
      const last = words.at(-1);
      if (words[0] === 'projects') return names.project;
      if (words[0] === 'discovery') return names.organization;
      return Object.entries(names).find(([key]) => key === last)?.[1] ?? null;
    },
  };
}

function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
