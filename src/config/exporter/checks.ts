/** What only several keys together tell. Works on the raw value, so that it finds its problems beside the schema's. */
import type { Path } from '../problems.ts';

export interface Found {
  readonly path: Path;
  readonly message: string;
}

export type CheckSchedule = (expression: string, timezone: string) => string | null;

/** Every problem across keys. What has not the shape it should have is the schema's to tell. */
export function crossChecks(raw: unknown, checkSchedule: CheckSchedule): readonly Found[] {
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

function watchesNothing(raw: unknown): readonly Found[] {
  if (list(raw, 'projects').length > 0 || list(raw, 'discovery').length > 0) return [];
  return [
    {
      path: ['projects'],
      message: 'there is nothing to watch: name a project under projects, or an organization under discovery',
    },
  ];
}

function duplicates(raw: unknown): readonly Found[] {
  const twice = (key: string, idKey: string, what: string) => {
    // Not by looking through all for each: ten thousand projects would hold up everything else for seconds.
    const first = new Map<string, number>();
    return list(raw, key).flatMap((item, index) => {
      const id = get(item, idKey);
      if (typeof id !== 'string') return [];
      const before = first.get(id.toLowerCase());
      if (before === undefined) {
        first.set(id.toLowerCase(), index);
        return [];
      }
      return [
        { path: [key, index, idKey], message: `this ${what} stands already at ${key}[${before}]: keep one of them` },
      ];
    });
  };
  return [...twice('projects', 'id', 'project'), ...twice('discovery', 'organization', 'organization')];
}

/** Each credential is of one type and has both its parts, each from one place. */
function credentialsOf(raw: unknown): readonly Found[] {
  const parts = { digest: ['publicKey', 'privateKey'], serviceAccount: ['clientId', 'clientSecret'] } as const;
  return entries(raw, 'credentials').flatMap(([name, credential]): Found[] => {
    const path = ['credentials', name];
    const types = (['digest', 'serviceAccount'] as const).filter((type) => get(credential, type) !== undefined);
    const [type, second] = types;
    if (!type) return [{ path, message: 'needs digest (an API key) or serviceAccount' }];
    if (second) return [{ path, message: 'is digest and serviceAccount at once: keep one, or make two credentials' }];
    return parts[type].flatMap((part): Found[] => {
      const given = [part, `${part}File`].filter((key) => get(get(credential, type), key) !== undefined);
      if (given.length === 1) return [];
      const [path2, message] =
        given.length === 0
          ? [[...path, type], `needs ${part} or ${part}File`]
          : [[...path, type, part], `stands beside ${part}File: keep one of them`];
      return [{ path: path2, message }];
    });
  });
}

function credentialNames(raw: unknown): readonly Found[] {
  const names = entries(raw, 'credentials').map(([name]) => name);
  if (names.length === 0) {
    return [
      { path: ['credentials'], message: 'there is no credential: add an API key under digest, or a serviceAccount' },
    ];
  }
  return ['projects', 'discovery'].flatMap((key) =>
    list(raw, key).flatMap((item, index): Found[] => {
      const name = get(item, 'credential');
      if (name === undefined) {
        return names.length === 1
          ? []
          : [{ path: [key, index], message: `needs credential, because there are several: ${names.join(', ')}` }];
      }
      if (typeof name !== 'string' || names.includes(name)) return [];
      return [
        {
          path: [key, index, 'credential'],
          message: `there is no credential '${name}': use one of ${names.join(', ')}`,
        },
      ];
    }),
  );
}

function schedules(raw: unknown, checkSchedule: CheckSchedule): readonly Found[] {
  const timezone = get(get(raw, 'poll'), 'timezone') ?? 'UTC';
  const paths: Path[] = [
    ['poll', 'schedule'],
    ['poll', 'fastSchedule'],
    ...list(raw, 'projects').map((_, index) => ['projects', index, 'schedule']),
    ...list(raw, 'discovery').map((_, index) => ['discovery', index, 'schedule']),
  ];
  const zone = typeof timezone === 'string' ? checkSchedule('0 * * * * *', timezone) : null;
  const within = typeof timezone === 'string' && zone === null ? timezone : 'UTC';
  const found = paths.flatMap((path): Found[] => {
    const expression = path.reduce<unknown>((value, key) => get(value, key), raw);
    const message = typeof expression === 'string' && expression !== '' ? checkSchedule(expression, within) : null;
    return message === null ? [] : [{ path, message }];
  });
  return zone === null ? found : [...found, { path: ['poll', 'timezone'], message: zone }];
}

/** v1.0 is the one old list: clusters on AWS, by digest. Discovery always uses v2. */
function olderApi(raw: unknown): readonly Found[] {
  if (get(get(raw, 'atlas'), 'api') !== 'v1.0') return [];
  const accounts = entries(raw, 'credentials')
    .filter(([, credential]) => get(credential, 'serviceAccount') !== undefined)
    .map(([name]) => ({
      path: ['credentials', name],
      message: 'a service account cannot use v1.0: give it a digest key, or set atlas.api to v2',
    }));
  const wishes: [Path, unknown][] = [
    [['poll'], get(raw, 'poll')],
    ...['projects', 'discovery'].flatMap((key) =>
      list(raw, key).map((item, index): [Path, unknown] => [[key, index], item]),
    ),
  ];
  const others = wishes.flatMap(([path, item]): Found[] => {
    const kinds = get(item, 'kinds');
    const providers = get(item, 'providers');
    const beyond = (value: unknown, only: string) => Array.isArray(value) && value.some((word) => word !== only);
    return [
      ...(beyond(kinds, 'cluster')
        ? [{ path: [...path, 'kinds'], message: 'v1.0 knows clusters only: leave it out, or set atlas.api to v2' }]
        : []),
      ...(beyond(providers, 'AWS')
        ? [{ path: [...path, 'providers'], message: 'v1.0 knows AWS only: leave it out, or set atlas.api to v2' }]
        : []),
    ];
  });
  return [...accounts, ...others];
}

const ownLabels = new Set(['atlas_project_id', 'project_name', 'org_id', 'le', 'quantile', 'instance', 'job']);

function labels(raw: unknown): readonly Found[] {
  return ['projects', 'discovery'].flatMap((key) =>
    list(raw, key).flatMap((item, index) =>
      entries(item, 'labels').flatMap(([name]): Found[] => {
        const path = [key, index, 'labels', name];
        if (ownLabels.has(name))
          return [{ path, message: `'${name}' is a label of the exporter or of Prometheus: choose another name` }];
        if (/^[a-zA-Z_]\w*$/.test(name) && !name.startsWith('__')) return [];
        return [
          {
            path,
            message: `'${name}' is no label name: use letters, digits and '_', not beginning with a digit or '__'`,
          },
        ];
      }),
    ),
  );
}

function get(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined;
}

function list(value: unknown, key: string): readonly unknown[] {
  const found = get(value, key);
  return Array.isArray(found) ? found : [];
}

function entries(value: unknown, key: string): readonly [string, unknown][] {
  const found = get(value, key);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}
