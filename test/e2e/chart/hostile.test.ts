/**
 * Strings that are hard to write in YAML, in every value that takes any string: what is rendered holds them as they are,
 * and nothing else of it changes. A value whose form the schema knows refuses them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Loose } from '../../support/chart.ts';
import { chartFolder, type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';

let helms: readonly Helm[];
beforeAll(() => {
  helms = unpackHelms();
});

const schema: Loose = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'));
const resolved = (part: Loose): Loose => (part.$ref ? schema.definitions[part.$ref.split('/').at(-1)] : part);

/** Keys that the chart knows, where the schema takes any. */
const knownKeys: Readonly<Record<string, string>> = {
  'prometheusRule.alerts': 'AtlasPrivateEndpointPollFailing',
  'dashboards.overrides': 'overview',
};
/** Values that would change what else is rendered, or are refused with a sentence: they stay as they are. */
const left = [
  'persistence.labels',
  'persistence.annotations',
  'configFrom',
  'enabled',
  'config.credentials',
  'extraManifests',
  // A map of any shape in which only some keys mean something.
  'probes',
];

interface Shape {
  /** Values with a marker in the place of every string that may be any. */
  readonly values: Loose;
  /** Marker by path. */
  readonly markers: Readonly<Record<string, string>>;
  /** Paths of the strings that must have a form. */
  readonly formed: readonly string[];
}

/** Values of every place in the schema. `more` is merged in. */
function shapeOf(more: Loose): Shape {
  const markers: Record<string, string> = {};
  const formed: string[] = [];
  const mark = (path: string) => {
    const marker = `zq${String(Object.keys(markers).length).padStart(3, '0')}qz`;
    markers[path] = marker;
    return marker;
  };
  const walk = (reference: Loose, path: string): Loose => {
    const part = resolved(reference);
    if (left.includes(path) || part.enum || part.const !== undefined) return undefined;
    const alternative = part.anyOf?.map(resolved).find((one: Loose) => one.type === 'string');
    if (alternative) return walk(alternative, path);
    const types = [part.type].flat();
    if (types.includes('string')) {
      if (part.pattern === undefined) return mark(path);
      formed.push(path);
      return undefined;
    }
    if (types.includes('array')) {
      const item = walk(part.items ?? {}, `${path}.0`);
      return item === undefined ? undefined : [item];
    }
    if (types.includes('object')) {
      const entries = Object.entries(part.properties ?? {}).map(([key, one]) => [
        key,
        walk(one, `${path}.${key}`.replace(/^\./, '')),
      ]);
      const key = knownKeys[path] ?? 'anything';
      const open = part.additionalProperties !== false && !part.properties;
      const required = (part.required ?? [])
        .filter((one: string) => !part.properties?.[one])
        .map((one: string) => [one, mark(`${path}.${one}`)]);
      const any =
        open && required.length === 0
          ? [
              [
                key,
                typeof part.additionalProperties === 'object'
                  ? walk(part.additionalProperties, `${path}.${key}`)
                  : mark(`${path}.${key}`),
              ],
            ]
          : [];
      const filled = [...entries, ...required, ...any].filter(([, value]) => value !== undefined);
      return filled.length === 0 ? undefined : Object.fromEntries(filled);
    }
    return undefined;
  };
  return { values: merge(walk(schema, ''), more), markers, formed };
}

function merge(into: Loose, from: Loose): Loose {
  if (typeof from !== 'object' || Array.isArray(from) || typeof into !== 'object' || Array.isArray(into)) return from;
  return Object.fromEntries(
    [...new Set([...Object.keys(into), ...Object.keys(from)])].map((key) => [
      key,
      key in from ? merge(into[key] ?? {}, from[key]) : into[key],
    ]),
  );
}

const id = '5df264b8f10fab7d2cad2f0d';
const on = { enabled: true };
const common = {
  config: { projects: [{ id, labels: { team: 'zqlabelqz' } }], discovery: [] },
  ingress: on,
  reachability: { ...on, prober: 'blackbox.apps.svc:9115' },
  prometheusRule: on,
  dashboards: { ...on, grafanaOperator: on },
  networkPolicy: on,
  podDisruptionBudget: on,
  verticalPodAutoscaler: on,
  persistence: on,
  extraArgs: ['--flag=zqflagqz'],
};
const shapes: Readonly<Record<string, Shape>> = {
  'with a ServiceMonitor': shapeOf({ ...common, serviceMonitor: on, httpRoute: on, podSpec: {} }),
  'with a PodMonitor, a service account and an emptyDir': shapeOf({
    ...common,
    podMonitor: on,
    httpRoute: on,
    credentials: { type: 'serviceAccount' },
    persistence: { enabled: false },
    topologySpreadConstraints: [],
    image: { tag: 'zqtagqz' },
    global: { imageRegistry: '' },
  }),
};

/** What is rendered, with the texts inside of it taken apart. */
function opened(objects: readonly Rendered[]): Loose {
  return objects.map((object: Loose) => {
    if (object.kind === 'Secret')
      return {
        ...object,
        data: Object.fromEntries(
          Object.entries<string>(object.data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
        ),
      };
    if (object.kind !== 'ConfigMap') return object;
    return {
      ...object,
      data: Object.fromEntries(
        Object.entries<string>(object.data).map(([key, text]) => [
          key,
          key.endsWith('.json') ? JSON.parse(text) : parse(text),
        ]),
      ),
    };
  });
}

/** Every string of a tree changed. */
function changed(part: Loose, change: (text: string) => string): Loose {
  if (typeof part === 'string') return change(part);
  if (Array.isArray(part)) return part.map((one) => changed(one, change));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, changed(value, change)]));
}

// The checksum is of a value, and differs with it.
const withoutChecksum = (objects: Loose) =>
  changed(objects, (text) => (/^[0-9a-f]{16}$/.test(text) ? 'checksum' : text));

/** Each marker replaced by one of the strings, so that no two values near each other have the same. */
const hardened = (part: Loose, strings: readonly string[]) =>
  changed(part, (text) =>
    text.replace(/zq(\w+)qz/g, (_, number) => strings[(Number(number) || 0) % strings.length] ?? ''),
  );

/** Where two trees differ first, for a message that can be read. */
function difference(one: Loose, other: Loose, path = ''): string {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other ? '' : `${path}: ${JSON.stringify(one)} is not ${JSON.stringify(other)}`;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = difference(one[key], other[key], `${path}.${key}`);
    if (found !== '') return found;
  }
  return '';
}

const nasty = [
  'a: b',
  '- a',
  'no',
  'true',
  'null',
  '~',
  '1e3',
  '0x1f',
  '0o17',
  '12:30',
  '2001-01-01',
  '=',
  '<<',
  ' #x',
  "'",
  '"',
  '\\',
  '\\n',
  'a\nkind: Secret',
  'a\n---\nkind: Secret',
  '\n',
  'a\r\nb',
  '\r',
  '\t',
  'a\u0000b',
  '\u0007\u001b[0m',
  '{a: b}',
  '[a]',
  '*a',
  '&a',
  '!!int 1',
  '%YAML 1.1',
  '|\n  a',
  '>',
  '?',
  '@',
  '`',
  ' a ',
  '{{ .Values }}',
  '{{',
  'é😀',
];

describe.each(Object.entries(shapes))('%s', (_name, { values }) => {
  const plain = new Map<Helm, Loose>();
  const plainOf = (helm: Helm) => {
    const rendered = plain.get(helm) ?? withoutChecksum(opened(helm.template(values)));
    plain.set(helm, rendered);
    return rendered;
  };
  const hold = (strings: readonly string[]) => {
    for (const helm of helms) {
      const rendered = withoutChecksum(opened(helm.template(hardened(values, strings))));
      expect(difference(rendered, hardened(plainOf(helm), strings))).toBe('');
    }
  };

  // Each value has each third of the strings, and with the other shape the rest of them.
  test.each(Array.from({ length: Math.ceil(nasty.length / 3) }, (_, turn) => turn * 3))('turned by %s', (turn) =>
    hold([...nasty.slice(turn), ...nasty.slice(0, turn)]),
  );

  test('any strings of hard characters', () => {
    const characters = fc.constantFrom(...'a1 \n\r\t:-#\'"\\{}[]&*!|>%@`,?~=<.\u0000\u001bé'.split(''));
    const text = fc.string({ unit: characters, minLength: 1, maxLength: 12 });
    fc.assert(fc.property(fc.uniqueArray(text, { minLength: 41, maxLength: 41 }), hold), {
      numRuns: Number(process.env['HOSTILE_STRINGS'] ?? 5),
    });
  });
});

test('every value is rendered by one of them', () => {
  const missing = Object.values(shapes).map(({ values, markers }) => {
    const text = JSON.stringify(opened((helms[0] as Helm).template(values)));
    return Object.keys(markers).filter(
      (path) => JSON.stringify(values).includes(markers[path] ?? '') && !text.includes(markers[path] ?? ''),
    );
  });
  expect(missing[0]?.filter((path) => missing[1]?.includes(path))).toEqual([]);
});

test('a value that has a form refuses what has another', () => {
  const formed = [...new Set(Object.values(shapes).flatMap((shape) => shape.formed))].filter(
    (path) => !path.startsWith('config.'),
  );
  expect(formed.length).toBeGreaterThan(30);
  for (const hostile of ['a\nb: c', ' "\' ']) {
    const values: Loose = { config: { projects: [{ id }] }, credentials: { existingSecret: 'a' } };
    for (const path of formed) {
      const keys = path.split('.');
      keys.reduce(
        (part: Loose, key, at) =>
          (part[key] ??= at === keys.length - 1 ? hostile : /^\d+$/.test(keys[at + 1] ?? '') ? [] : {}),
        values,
      );
      if (path === 'credentials.existingSecret') values.credentials.existingSecret = hostile;
    }
    for (const helm of helms) {
      let said = '';
      try {
        helm.template(values);
      } catch (error) {
        said = String(error).replaceAll('/', '.');
      }
      expect(formed.filter((path) => !said.includes(path))).toEqual([]);
    }
  }
});
