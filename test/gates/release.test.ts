import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { factsOf, problemsOf } from '../../scripts/publisher.ts';

const root = new URL('../../', import.meta.url).pathname;
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');
const workflow = parse(read('.github/workflows/release.yaml'));
const filledIn = {
  name: 'atlas-private-endpoint-exporter',
  version: '1.2.3',
  author: 'Acme',
  repository: { url: 'git+https://github.com/Acme/exporter.git' },
  bugs: { url: 'https://github.com/Acme/exporter/issues' },
  publisher: { registry: 'ghcr.io', owner: 'Acme' },
};

test('a package that nobody has filled in is not published, and each place is named', () => {
  const problems = problemsOf(JSON.parse(read('package.json')), 'v9.9.9');
  for (const place of ['publisher.owner', 'repository.url', 'bugs.url', 'author'])
    expect(problems.some((problem) => problem.startsWith(`package.json: ${place} is still "`))).toBe(true);
  expect(problems).toContain('The tag is "v9.9.9", but package.json says version 0.1.0');
});

test('a package that is filled in is published under the name of its owner', () => {
  expect(problemsOf(filledIn, 'v1.2.3')).toEqual([]);
  expect(factsOf(filledIn)).toEqual({
    version: '1.2.3',
    registry: 'ghcr.io',
    image: 'ghcr.io/acme/atlas-private-endpoint-exporter',
    chart: 'ghcr.io/acme/charts',
  });
});

test('the workflow asks the script for facts that it prints', () => {
  expect(Object.keys(workflow.jobs.publisher.outputs).sort()).toEqual(Object.keys(factsOf(filledIn)).sort());
});

test('the published chart has the image of the release in its values', () => {
  const [, script] =
    /(sed -i -E "[^"]+")/.exec(JSON.stringify(workflow.jobs.chart).replaceAll('\\"', '"').replaceAll('\\\\', '\\')) ??
    [];
  const patterns = [...(script ?? '').matchAll(/s\|(\^\( {2}\w+: \))([^|]+)\|\\1\$(\w+)\|/g)];
  expect(patterns.map(([, , , name]) => name)).toEqual(['REGISTRY', 'repository']);
  const values: Readonly<Record<string, string>> = { REGISTRY: 'ghcr.io', repository: 'acme/exporter' };
  const text = patterns.reduce(
    (before, [, head = '', old = '', name = '']) => before.replace(new RegExp(head + old, 'm'), `$1${values[name]}`),
    read('helm/atlas-private-endpoint-exporter/values.yaml'),
  );
  expect(parse(text).image).toMatchObject({ registry: 'ghcr.io', repository: 'acme/exporter' });
});

test('the workflow says in its head that it has not been run', () => {
  expect(read('.github/workflows/release.yaml')).toMatch(/^# It has not been run yet/m);
});
