/** Every values file of the chart's `ci` folder, by kubeconform in its strict mode against the schemas that the API server serves. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ciValues, type Loose } from '../../support/chart.ts';
import { createApi } from '../../support/cluster/api.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';
import { provideTool } from '../../tools/provide.ts';

let helm: Helm;
let schemas: string;
beforeAll(async () => {
  [helm] = unpackHelms() as [Helm];
  schemas = mkdtempSync(join(tmpdir(), 'schemas-'));
  const { body } = await createApi(inject('cluster').api).ask('GET', '/openapi/v2');
  writeSchemas(body.definitions);
});
afterAll(() => rmSync(schemas, { recursive: true, force: true }));

/** A file for each kind, named as kubeconform asks for it. */
function writeSchemas(definitions: Readonly<Record<string, Loose>>): void {
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, toStrict(name, schema)]),
  );
  writeFileSync(join(schemas, 'definitions.json'), JSON.stringify({ definitions: strict }));
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const schema = { $ref: `definitions.json#/definitions/${name}` };
      writeFileSync(join(schemas, fileOf(group || version, version, kind.toLowerCase())), JSON.stringify(schema));
    }
  }
}

const fileOf = (group: string, version: string, kind: string) => `${group}_${version}_${kind}.json`;

/** Kubernetes describes two types as texts that are written as numbers as well, and leaves open which fields there are. */
function toStrict(name: string, schema: Loose): Loose {
  if (/\.(IntOrString|Quantity)$/.test(name)) return { type: ['string', 'number'] };
  const strict = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strict);
    if (typeof value !== 'object' || value === null) return value;
    const { properties, ...rest } = value as Loose;
    const inner = Object.fromEntries(Object.entries(rest).map(([key, one]) => [key, strict(one)]));
    if (inner['x-kubernetes-int-or-string']) return { type: ['string', 'integer'] };
    // The properties of a schema are schemas: one of them may be called "properties".
    if (typeof properties !== 'object') return inner;
    const fields = Object.entries(properties).map(([key, one]) => [key, strict(one)]);
    const open = inner['x-kubernetes-preserve-unknown-fields'] === true || 'additionalProperties' in inner;
    return { ...inner, properties: Object.fromEntries(fields), ...(open ? {} : { additionalProperties: false }) };
  };
  return strict(schema) as Loose;
}

function conform(objects: readonly object[]): { readonly summary: Loose; readonly resources: readonly Loose[] } {
  const { kubeconform = '' } = provideTool('kubeconform');
  const location = join(schemas, fileOf('{{.Group}}', '{{.ResourceAPIVersion}}', '{{.ResourceKind}}'));
  const { stdout, stderr } = spawnSync(
    kubeconform,
    ['-strict', '-summary', '-verbose', '-output', 'json', '-schema-location', location, '-'],
    { encoding: 'utf8', maxBuffer: 1e8, input: objects.map((one) => JSON.stringify(one)).join('\n---\n') },
  );
  if (stderr !== '' || stdout === '') throw new Error(`kubeconform: ${stderr}`);
  return JSON.parse(stdout);
}

test('every object of every values file has the fields and types that Kubernetes knows, and no other', () => {
  const apis = ['--api-versions', 'monitoring.coreos.com/v1'];
  const objects = Object.values(ciValues).flatMap((values) => helm.template(values, { args: apis }));
  const { summary, resources } = conform(objects);
  expect(resources.filter(({ status }) => status !== 'statusValid')).toEqual([]);
  expect(summary).toEqual({ valid: objects.length, invalid: 0, errors: 0, skipped: 0 });
  expect(new Set(objects.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(15);
});

test('a field that Kubernetes does not know and a value of another type are found', () => {
  const [set] = helm.template(ciValues['minimal'] ?? '').filter(({ kind }) => kind === 'StatefulSet') as [Loose];
  const unknown = structuredClone(set);
  unknown.spec.template.spec.containers[0].resource = {};
  const mistyped = structuredClone(set);
  mistyped.spec.replicas = 'two';
  const told = conform([unknown, mistyped])
    .resources.map(({ status, msg }) => `${status}: ${msg}`)
    .toSorted();
  expect(told).toEqual([
    expect.stringMatching(/^statusInvalid: .*got string, want integer/s),
    expect.stringMatching(/^statusInvalid: .*'resource' not allowed/s),
  ]);
});
