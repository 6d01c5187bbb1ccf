/** Reads the secrets of the raw credentials: beside the schema, so that each bad one is told with every other problem. */
import { isAbsolute, resolve } from 'node:path';
import type { Path } from '../problems.ts';
import type { SeenFile } from '../text-file.ts';
import { type CredentialPart, credentialParts, type Finding } from './finding.ts';
import { entries, get } from './raw.ts';
import { fileSecret, fixedSecret, type Secret, unusable } from './secret.ts';

export interface CredentialSecrets {
  readonly findings: readonly Finding[];
  /** Every file that the config names for a secret, readable or not. */
  readonly files: readonly SeenFile[];
  /** The secret of a part; an empty one where there is a finding. */
  secretOf(credential: string, part: CredentialPart): Secret;
}

/** `cwd` is what names of files are relative to. */
export function readCredentialSecrets(raw: unknown, cwd: string): CredentialSecrets {
  const findings: Finding[] = [];
  const files: SeenFile[] = [];
  const secrets = new Map<string, Secret>();
  for (const [name, credential] of entries(raw, 'credentials')) {
    for (const [type, parts] of Object.entries(credentialParts)) {
      for (const part of parts) {
        const path = ['credentials', name, type];
        const [value, file] = [part, `${part}File`].map((key) => get(get(credential, type), key));
        if (typeof value === 'string' && value !== '') {
          const what = unusable(value);
          if (what !== null) findings.push({ path: [...path, part], code: 'unusable_secret', what });
          secrets.set(`${name} ${part}`, fixedSecret(value));
        } else if (typeof file === 'string' && file !== '') {
          const read = fileSecret(isAbsolute(file) ? file : resolve(cwd, file));
          files.push(read.seen);
          if (read.ok) secrets.set(`${name} ${part}`, read.secret);
          else findings.push(toFinding([...path, `${part}File`], part, file, read.problem));
        }
      }
    }
  }
  return {
    findings,
    files,
    secretOf: (credential, part) => secrets.get(`${credential} ${part}`) ?? fixedSecret(''),
  };
}

function toFinding(path: Path, part: CredentialPart, file: string, reason: string): Finding {
  return looksLikeSecret(file) ? { path, code: 'secret_as_file', part } : { path, code: 'unreadable_secret', reason };
}

/** A secret where the name of its file belongs: it must not be repeated. */
function looksLikeSecret(file: string): boolean {
  return !file.includes('/') && /mdb_sa_sk_|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i.test(file);
}
