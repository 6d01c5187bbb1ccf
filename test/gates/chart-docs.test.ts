import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readValues, valuesTable, withConfigSchema } from '../../scripts/chart-values.ts';
import { configJsonSchema } from '../../src/config/exporter/schema.ts';
import { rowsTable } from '../e2e/chart/rows.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../helm/atlas-private-endpoint-exporter/${name}`, import.meta.url), 'utf8');
const sections = readValues(read('values.yaml'));
const values = sections.flatMap((section) => section.values);
const schema = JSON.parse(read('values.schema.json'));

describe('what `npm run chart` writes is up to date', () => {
  test('the table of values in the README', () => {
    const [, table] = /<!-- values -->\n([\s\S]*)<!-- \/values -->/.exec(read('README.md')) ?? [];
    expect(table).toBe(valuesTable(sections));
  });

  test('the table of features in the README', () => {
    const [, table] = /<!-- features -->\n([\s\S]*)<!-- \/features -->/.exec(read('README.md')) ?? [];
    expect(table).toBe(rowsTable());
  });

  test('the config file in the schema of the values', () => {
    expect(withConfigSchema(schema, JSON.parse(JSON.stringify(configJsonSchema())))).toEqual(schema);
  });
});

test.each(values.map((value) => [value.path, value] as const))('%s says what it is', (path, { comment }) => {
  expect(comment.length).toBeGreaterThan(5);
  // It is in the schema too, under the same name.
  const found = path.split('.').reduce((part, key) => part?.properties?.[key] ?? part?.additionalProperties, schema);
  expect(found ?? (/^(?:pod)?[sS]ecurityContext\.|^resources\./.test(path) ? 'as in a pod' : null)).toBeTruthy();
});

test('the schema knows no value that is not there', () => {
  // A parent chart's condition, and what is refused with a sentence of its own.
  const unlisted = ['enabled', 'persistence.annotations', 'persistence.labels', 'prometheusRule.targetLabels'];
  const listed = (path: string) => !unlisted.includes(path);
  const top = Object.keys(parse(read('values.yaml')));
  expect(Object.keys(schema.properties).filter(listed).sort()).toEqual(top.sort());
  for (const [name, part] of Object.entries<{ properties?: object }>(schema.properties)) {
    // A security context is as in a pod; the schema knows only what the chart adds to it.
    if (!part.properties || name === 'podSecurityContext') continue;
    const known = Object.keys(part.properties).filter((key) => listed(`${name}.${key}`));
    expect(known.sort()).toEqual(Object.keys(parse(read('values.yaml'))[name]).sort());
  }
});

test('a table row of each kind', () => {
  const yaml = [
    '# Of all.',
    '',
    '# The image.',
    'image:',
    '  tag: ""      # The tag | or not',
    '  # Above it,',
    '  # in two lines',
    '  more: {a: 1}',
    'shards: 1      # How many',
  ];
  expect(valuesTable(readValues(yaml.join('\n')))).toBe(
    [
      '| value | default | |',
      '|---|---|---|',
      '| | | *The image.* |',
      '| `image.tag` | `""` | The tag \\| or not |',
      '| `image.more` | `{"a":1}` | Above it, in two lines |',
      '| `shards` | `1` | How many |',
      '',
    ].join('\n'),
  );
});

describe('Chart.yaml', () => {
  const chart = parse(read('Chart.yaml'));
  const annotation = (name: string) => chart.annotations[`artifacthub.io/${name}`];

  test('has the version of the package, and so has the image', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(chart).toMatchObject({ version, appVersion: version });
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
    expect(dockerfile).toContain(`org.opencontainers.image.version="${version}"`);
  });

  test('tells Artifact Hub what it is, in the forms that it reads', () => {
    const kinds = ['added', 'changed', 'deprecated', 'removed', 'fixed', 'security'];
    for (const change of parse(annotation('changes'))) {
      expect(Object.keys(change)).toEqual(['kind', 'description']);
      expect(kinds).toContain(change.kind);
      expect(change.description).toMatch(/^\S.*[^.]$/);
    }
    const { image } = parse(read('values.yaml'));
    expect(parse(annotation('images'))).toEqual([
      { name: 'exporter', image: `${image.registry}/${image.repository}:${chart.appVersion}` },
    ]);
    for (const { url } of parse(annotation('recommendations'))) expect(() => new URL(url)).not.toThrow();
    for (const name of ['prerelease', 'operator', 'containsSecurityUpdates'])
      expect(['true', 'false']).toContain(annotation(name));
    expect(annotation('license')).toBe('Apache-2.0');
    expect(annotation('category')).toBe('monitoring-logging');
  });

  test('the README tells of the upgrade to this version', () => {
    expect(read('README.md')).toMatch(new RegExp(`^\\| .*\\| ${chart.version.replaceAll('.', '\\.')} \\|`, 'm'));
  });
});
