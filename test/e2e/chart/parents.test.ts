/** The chart as a dependency: below a parent, beside siblings, twice under aliases. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type Loose, minimalValues, podOf } from '../../support/chart.ts';
import { chartFolder, type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';

const own = 'atlas-private-endpoint-exporter';
let helms: readonly Helm[];
let folder: string;
beforeAll(() => {
  helms = unpackHelms();
  folder = mkdtempSync(join(tmpdir(), 'parent-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A parent chart with these dependencies on ours, and a sibling that has templates of common names. */
function parentWith(name: string, dependencies: readonly object[], values: object = {}): string {
  const parent = join(folder, name);
  cpSync(chartFolder, join(parent, 'charts', own), { recursive: true });
  const sibling = join(parent, 'charts/sibling');
  mkdirSync(join(sibling, 'templates'), { recursive: true });
  writeFileSync(join(sibling, 'Chart.yaml'), stringify({ apiVersion: 'v2', name: 'sibling', version: '1.0.0' }));
  const stolen = [
    'fullname',
    'name',
    'labels',
    'selectorLabels',
    'image',
    'config',
    'serviceAccountName',
    'probe',
    'merge',
    'strings',
    'metadata',
  ];
  const defines = ['exporter', 'sibling', 'common'].flatMap((prefix) =>
    stolen.map((one) => `{{- define "${prefix}.${one}" -}}stolen: yes{{- end }}`),
  );
  writeFileSync(join(sibling, 'templates/_helpers.tpl'), defines.join('\n'));
  const all = [...dependencies.map((one) => ({ name: own, version: '*', ...one })), { name: 'sibling', version: '*' }];
  writeFileSync(
    join(parent, 'Chart.yaml'),
    stringify({ apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies: all }),
  );
  writeFileSync(join(parent, 'values.yaml'), stringify(values));
  return parent;
}

const namesOf = (objects: readonly Rendered[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

test('a sibling with templates of common names renames nothing', () => {
  const chart = parentWith('siblings', [{}]);
  for (const helm of helms) {
    const alone = helm.template(minimalValues);
    expect(helm.template({ [own]: minimalValues }, { chart })).toEqual(alone);
  }
});

test('every template carries the name of the chart', () => {
  const files = readdirSync(join(chartFolder, 'templates'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const defined = files.flatMap(({ parentPath, name }) => [
    ...readFileSync(join(parentPath, name), 'utf8').matchAll(/define "([^"]+)"/g),
  ]);
  expect(defined.length).toBeGreaterThan(10);
  for (const [, name] of defined) expect(name).toMatch(new RegExp(`^${own}\\.`));
});

test('any key under global, and enabled as the condition of the parent', () => {
  const chart = parentWith('condition', [{ condition: `${own}.enabled` }]);
  const global = {
    imageRegistry: 'registry.example',
    imagePullSecrets: ['all'],
    storageClass: 'fast',
    team: { name: 'db' },
    hosts: [1],
  };
  for (const helm of helms) {
    const on = helm.template({ global, [own]: { ...minimalValues, enabled: true } }, { chart });
    expect(podOf(on).containers[0].image).toBe(`registry.example/${own}:0.1.0`);
    expect(podOf(on).imagePullSecrets).toEqual([{ name: 'all' }]);
    expect(helm.template({ global, [own]: { enabled: false } }, { chart })).toEqual([]);
  }
});

describe('two aliases in one release', () => {
  const aliases = ['emea', 'apac'];

  test.each(['emea-apac', 'monitoring', own, `${'long-'.repeat(9)}emea`, `emea-apac-${'x'.repeat(43)}`])(
    'release %s: no name and no selector is shared',
    (release) => {
      const chart = parentWith(
        'aliases',
        aliases.map((alias) => ({ alias })),
      );
      const values = Object.fromEntries(
        aliases.map((alias) => [
          alias,
          { ...minimalValues, serviceMonitor: { enabled: true }, dashboards: { enabled: true } },
        ]),
      );
      for (const helm of helms) {
        const objects = helm.template(values, { chart, release }) as readonly Loose[];
        const names = namesOf(objects);
        expect(new Set(names).size).toBe(names.length);
        for (const { metadata } of objects) expect(metadata.name.length).toBeLessThanOrEqual(63);
        const sets = objects.filter(({ kind }) => kind === 'StatefulSet');
        expect(sets).toHaveLength(2);
        for (const object of objects) {
          if (object.kind !== 'Service') continue;
          const selected = sets.filter(({ spec }) =>
            Object.entries(object.spec.selector).every(([key, value]) => spec.template.metadata.labels[key] === value),
          );
          expect(selected.map(({ spec }) => spec.serviceName.replace(/-pods$/, ''))).toEqual([
            object.metadata.name.replace(/-pods$/, ''),
          ]);
        }
      }
    },
  );

  test('and beside one without an alias', () => {
    const chart = parentWith('mixed', [{}, { alias: 'apac' }]);
    for (const helm of helms) {
      const names = namesOf(
        helm.template({ [own]: minimalValues, apac: minimalValues }, { chart, release: `apac-${own}` }),
      );
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe('what the platform decides', () => {
  test('platform leaves user and groups out below a parent, where null of the parent may not', () => {
    const chart = parentWith('platform', [{}], { [own]: { podSecurityContext: { platform: true } } });
    for (const helm of helms)
      for (const kind of ['StatefulSet', 'Pod']) {
        const found: Loose = helm.template({ [own]: minimalValues }, { chart }).find((one) => one.kind === kind);
        expect((found.spec.template ?? found).spec.securityContext).toEqual({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
      }
  });

  test("a parent's null for a map gives the words of the schema, or takes it for empty", () => {
    for (const [value, message] of [
      ['serviceMonitor', /serviceMonitor/],
      ['podSecurityContext', /podSecurityContext/],
    ] as const) {
      const chart = parentWith('nulls', [{}], { [own]: { [value]: null } });
      for (const helm of helms) {
        try {
          helm.template({ [own]: minimalValues }, { chart });
        } catch (error) {
          expect(String(error)).toMatch(message);
          expect(String(error)).toContain("don't meet the specifications of the schema");
        }
      }
    }
  });

  test('another namespace for all that is ours', () => {
    const chart = parentWith('namespace', [{}]);
    for (const helm of helms) {
      const objects = helm.template(
        { [own]: { ...minimalValues, namespaceOverride: 'exporters' } },
        { chart },
      ) as readonly Loose[];
      expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['exporters']));
      expect(JSON.stringify(objects)).not.toContain('.default.svc');
    }
  });
});
