/** Leaves out the problems that only follow from another one: a slip is told once. */
import type { Path } from '../problems.ts';
import type { Finding } from './finding.ts';
import { valueAt } from './raw.ts';

/**
 * The findings that are slips of their own. An unset variable leaves its place empty; a part of the wrong shape holds
 * none of its keys; a misspelt key is missing under its right name.
 */
export function withoutFollowUps(findings: readonly Finding[], raw: unknown): readonly Finding[] {
  const key = (path: Path) => JSON.stringify(path);
  const unset = new Set(findings.flatMap(({ code, path }) => (code === 'unset_variable' ? [key(path)] : [])));
  const shapes = new Set(findings.flatMap(({ code, path }) => (code === 'shape' ? [key(path)] : [])));
  const misspelt = new Set(
    findings.flatMap((finding) =>
      finding.code === 'unknown_key' && finding.near !== null
        ? [key([...finding.path.slice(0, -1), finding.near])]
        : [],
    ),
  );
  const inWrongShape = (path: Path) =>
    [...path.keys(), path.length].some((length) => shapes.has(key(path.slice(0, length))));

  return findings.filter((finding) => {
    const { code, path } = finding;
    if (code === 'unset_variable' || code === 'unknown_key') return true;
    if (unset.has(key(path))) return false;
    if (code !== 'shape' && inWrongShape(path)) return false;
    return !missingKeys(finding, raw).some((missing) => misspelt.has(key(missing)));
  });
}

/** The keys of which one must be there for the finding to go. */
function missingKeys(finding: Finding, raw: unknown): readonly Path[] {
  const { path } = finding;
  switch (finding.code) {
    case 'nothing_to_watch':
      return [['projects'], ['discovery']];
    case 'no_credentials':
      return [['credentials']];
    case 'no_credential_type':
      return [
        [...path, 'digest'],
        [...path, 'serviceAccount'],
      ];
    case 'missing_part':
      return [
        [...path, finding.part],
        [...path, `${finding.part}File`],
      ];
    case 'needs_credential':
      return [[...path, 'credential']];
    case 'shape':
      return valueAt(raw, path) === undefined ? [path] : [];
    default:
      return [];
  }
}
