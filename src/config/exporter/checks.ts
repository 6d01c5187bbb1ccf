/** Checks that need several keys at once. They work on the raw value, so that their problems are told with the schema's. */
import { formatPath, type Path } from '../problems.ts';
import { type CredentialPart, credentialParts, type Finding } from './finding.ts';
import { entries, get, list, valueAt } from './raw.ts';

/** What is wrong with a cron expression or a time zone, in words; null when nothing is. */
export type CheckSchedule = (expression: string, timezone: string) => string | null;

/** Every problem across keys. Parts of the wrong shape are left to the schema. */
export function crossChecks(raw: unknown, checkSchedule: CheckSchedule): readonly Finding[] {
  return [
    ...watchesNothing(raw),
    ...duplicates(raw),
    ...credentialsOf(raw),
    ...credentialNames(raw),
    ...schedules(raw, checkSchedule),
    ...olderApi(raw),
    ...labels(raw),
  ];
}

function watchesNothing(raw: unknown): readonly Finding[] {
  if (list(raw, 'projects').length > 0 || list(raw, 'discovery').length > 0) return [];
  return [{ path: ['projects'], code: 'nothing_to_watch' }];
}

function duplicates(raw: unknown): readonly Finding[] {
  const twice = (key: string, idKey: string, what: 'project' | 'organization') => {
    // A map, because comparing each of ten thousand projects with all others blocks the event loop for seconds.
    const first = new Map<string, number>();
    return list(raw, key).flatMap((item, index): readonly Finding[] => {
      const id = get(item, idKey);
      if (typeof id !== 'string') return [];
      const before = first.get(id.toLowerCase());
      if (before === undefined) {
        first.set(id.toLowerCase(), index);
        return [];
      }
      return [{ path: [key, index, idKey], code: 'listed_twice', what, first: formatPath([key, before]) }];
    });
  };
  return [...twice('projects', 'id', 'project'), ...twice('discovery', 'organization', 'organization')];
}

/** Each credential is of one type and has both its parts, each from one place. */
function credentialsOf(raw: unknown): readonly Finding[] {
  return entries(raw, 'credentials').flatMap(([name, credential]): readonly Finding[] => {
    const path = ['credentials', name];
    const types = (['digest', 'serviceAccount'] as const).filter((type) => get(credential, type) !== undefined);
    const [type, second] = types;
    if (!type) return [{ path, code: 'no_credential_type' }];
    if (second) return [{ path, code: 'two_credential_types' }];
    return credentialParts[type].flatMap((part: CredentialPart): readonly Finding[] => {
      const given = [part, `${part}File`].filter((key) => get(get(credential, type), key) !== undefined);
      if (given.length === 1) return [];
      return given.length === 0
        ? [{ path: [...path, type], code: 'missing_part', part }]
        : [{ path: [...path, type, part], code: 'part_twice', part }];
    });
  });
}

function credentialNames(raw: unknown): readonly Finding[] {
  const names = entries(raw, 'credentials').map(([name]) => name);
  if (names.length === 0) return [{ path: ['credentials'], code: 'no_credentials' }];
  const found = ['projects', 'discovery'].flatMap((key) =>
    list(raw, key).flatMap((item, index): readonly CredentialFinding[] => {
      const name = get(item, 'credential');
      if (name === undefined) {
        if (names.length === 1) return [];
        return [{ path: [key, index], code: 'needs_credential', names, others: 0 }];
      }
      if (typeof name !== 'string' || names.includes(name)) return [];
      return [{ path: [key, index, 'credential'], code: 'unknown_credential', names, others: 0 }];
    }),
  );
  // One misspelt credential is one problem, however many projects use it.
  const groups = Map.groupBy(found, ({ code, path }) => (code === 'needs_credential' ? null : valueAt(raw, path)));
  return [...groups.values()].flatMap(([first, ...rest]) => (first ? [{ ...first, others: rest.length }] : []));
}

type CredentialFinding = Extract<Finding, { code: 'needs_credential' | 'unknown_credential' }>;

function schedules(raw: unknown, checkSchedule: CheckSchedule): readonly Finding[] {
  const timezone = get(get(raw, 'poll'), 'timezone') ?? 'UTC';
  const paths: Path[] = [
    ['poll', 'schedule'],
    ['poll', 'fastSchedule'],
    ['poll', 'slowSchedule'],
    ...list(raw, 'projects').map((_, index) => ['projects', index, 'schedule']),
    ...list(raw, 'discovery').map((_, index) => ['discovery', index, 'schedule']),
  ];
  const zone = typeof timezone === 'string' ? checkSchedule('0 * * * * *', timezone) : null;
  const within = typeof timezone === 'string' && zone === null ? timezone : 'UTC';
  const found = paths.flatMap((path): Finding[] => {
    const expression = valueAt(raw, path);
    const message = typeof expression === 'string' && expression !== '' ? checkSchedule(expression, within) : null;
    return message === null ? [] : [{ path, code: 'bad_schedule', message, quotes: [['poll', 'timezone']] }];
  });
  return zone === null ? found : [...found, { path: ['poll', 'timezone'], code: 'bad_timezone', message: zone }];
}

/** The API v1.0 lists clusters on AWS alone, with digest keys. Discovery always uses v2. */
function olderApi(raw: unknown): readonly Finding[] {
  if (get(get(raw, 'atlas'), 'api') !== 'v1.0') return [];
  const accounts = entries(raw, 'credentials')
    .filter(([, credential]) => get(credential, 'serviceAccount') !== undefined)
    .map(([name]): Finding => ({ path: ['credentials', name], code: 'older_api_account' }));
  const wishes: [Path, unknown][] = [
    [['poll'], get(raw, 'poll')],
    ...['projects', 'discovery'].flatMap((key) =>
      list(raw, key).map((item, index): [Path, unknown] => [[key, index], item]),
    ),
  ];
  const others = wishes.flatMap(([path, item]): Finding[] => {
    const kinds = get(item, 'kinds');
    const providers = get(item, 'providers');
    const beyond = (value: unknown, only: string) => Array.isArray(value) && value.some((word) => word !== only);
    return [
      ...(beyond(kinds, 'cluster') ? [beyondV1([...path, 'kinds'], 'clusters')] : []),
      ...(beyond(providers, 'AWS') ? [beyondV1([...path, 'providers'], 'AWS')] : []),
    ];
  });
  return [...accounts, ...others];
}

function beyondV1(path: Path, only: 'clusters' | 'AWS'): Finding {
  return { path, code: 'older_api_list', only };
}

const ownLabels = new Set(['atlas_project_id', 'project_name', 'org_id', 'le', 'quantile', 'instance', 'job']);

function labels(raw: unknown): readonly Finding[] {
  return ['projects', 'discovery'].flatMap((key) =>
    list(raw, key).flatMap((item, index) =>
      entries(item, 'labels').flatMap(([name]): Finding[] => {
        const path = [key, index, 'labels', name];
        if (ownLabels.has(name)) return [{ path, code: 'own_label', label: name }];
        if (/^[a-zA-Z_]\w*$/.test(name) && !name.startsWith('__')) return [];
        return [{ path, code: 'bad_label', label: name }];
      }),
    ),
  );
}
