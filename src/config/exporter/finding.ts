/** A problem of the config before it is a sentence: its path, and a code with what the sentence needs. */
import type { Path } from '../problems.ts';
import type { SchemaProblem } from '../schema-problems.ts';

export type Finding = SchemaProblem | ({ readonly path: Path } & Fault);

type Fault =
  | { readonly code: 'unset_variable'; readonly variable: string }
  | { readonly code: 'nothing_to_watch' }
  | { readonly code: 'listed_twice'; readonly what: 'project' | 'organization'; readonly first: string }
  | { readonly code: 'no_credentials' }
  | { readonly code: 'no_credential_type' }
  | { readonly code: 'two_credential_types' }
  | { readonly code: 'missing_part'; readonly part: CredentialPart }
  | { readonly code: 'part_twice'; readonly part: CredentialPart }
  /** `others` counts the entries after this one with the same problem. */
  | { readonly code: 'needs_credential'; readonly names: readonly string[]; readonly others: number }
  | { readonly code: 'unknown_credential'; readonly names: readonly string[]; readonly others: number }
  /** The message quotes the value, and those at `quotes`. */
  | { readonly code: 'bad_schedule'; readonly message: string; readonly quotes: readonly Path[] }
  /** The message quotes the value. */
  | { readonly code: 'bad_timezone'; readonly message: string }
  | { readonly code: 'older_api_account' }
  | { readonly code: 'older_api_list'; readonly only: 'clusters' | 'AWS' }
  | { readonly code: 'own_label'; readonly label: string }
  | { readonly code: 'bad_label'; readonly label: string }
  | { readonly code: 'secret_as_file'; readonly part: CredentialPart }
  | { readonly code: 'unreadable_secret'; readonly reason: string }
  | { readonly code: 'unusable_secret'; readonly what: string }
  | { readonly code: 'bad_ca_file'; readonly what: string };

/** The two parts of a credential, by its type. Each is given as `part` or as `partFile`. */
export const credentialParts = {
  digest: ['publicKey', 'privateKey'],
  serviceAccount: ['clientId', 'clientSecret'],
} as const;

export type CredentialPart = (typeof credentialParts)[keyof typeof credentialParts][number];

/** What a sentence may quote of the value at the finding's path. */
export interface Quoted {
  /** The value as it is written in the file, in quotes: a variable stands there by its name. */
  readonly text: string;
  /** A part of the value, or of another that the message quotes, came from the environment: it may be a secret. */
  readonly fromVariable: boolean;
}

/** One function for each code: what is wrong and what to do. */
export type Sentences = {
  readonly [C in Finding['code']]: (finding: Extract<Finding, { code: C }>, quoted: Quoted) => string;
};

/** In the words of the config file. */
const fileSentences: Sentences = {
  unknown_key: ({ message }) => message,
  shape: ({ message }, { text, fromVariable }) => (fromVariable ? `${message} (written as ${text})` : message),
  unset_variable: ({ variable }) => `the environment variable ${variable} is not set`,
  nothing_to_watch: () =>
    'there is nothing to watch: name a project under projects, or an organization under discovery',
  listed_twice: ({ what, first }) => `this ${what} stands already at ${first}: keep one of them`,
  no_credentials: () => 'there is no credential: add an API key under digest, or a serviceAccount',
  no_credential_type: () => 'needs digest (an API key) or serviceAccount',
  two_credential_types: () => 'is digest and serviceAccount at once: keep one, or make two credentials',
  missing_part: ({ part }) => `needs ${part} or ${part}File`,
  part_twice: ({ part }) => `stands beside ${part}File: keep one of them`,
  needs_credential: ({ names, others }) =>
    `needs credential, because there are several: ${names.join(', ')}${alike(others)}`,
  unknown_credential: ({ names, others }, { text }) =>
    `there is no credential ${text}: use one of ${names.join(', ')}${alike(others)}`,
  bad_schedule: ({ message }, { text, fromVariable }) =>
    fromVariable
      ? `${text} is no usable cron expression; write 6 fields, seconds first, or 5, as in '0 */5 * * * *'`
      : message,
  bad_timezone: ({ message }, { text, fromVariable }) =>
    fromVariable ? `${text} is no time zone; write one as 'UTC' or 'Europe/Berlin'` : message,
  older_api_account: () => 'a service account cannot use v1.0: give it a digest key, or set atlas.api to v2',
  older_api_list: ({ only }) => `v1.0 knows ${only} only: leave it out, or set atlas.api to v2`,
  own_label: ({ label }) => `'${label}' is a label of the exporter or of Prometheus: choose another name`,
  bad_label: ({ label }) =>
    `'${label}' is no label name: use letters, digits and '_', not beginning with a digit or '__'`,
  secret_as_file: ({ part }) => `holds a secret, not the name of its file: write it as ${part}, or into a file`,
  unreadable_secret: ({ reason }, { text }) => `the secret in ${text} cannot be read: ${reason}`,
  unusable_secret: ({ what }) => what,
  bad_ca_file: ({ what }, { text }) => `the file ${text} ${what}`,
};

/** `others` are sentences that take the place of the file's, as when no file was given. */
export function toSentence(finding: Finding, quoted: Quoted, others: Partial<Sentences> = {}): string {
  // Each code has the function for its own finding, which the type of a look-up cannot say.
  const say = (others[finding.code] ?? fileSentences[finding.code]) as (finding: Finding, quoted: Quoted) => string;
  return say(finding, quoted);
}

function alike(others: number): string {
  if (others === 0) return '';
  return others === 1 ? ' (1 more entry has this problem)' : ` (${others} more entries have this problem)`;
}
