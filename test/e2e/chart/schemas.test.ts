import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { ciValues, type Loose } from '../../support/chart.ts';
import { type Helm, type Rendered, toolsFolder, unpackHelms } from '../../support/helm.ts';

const run = promisify(execFile);
const tsc = new URL('../../../node_modules/.bin/tsc', import.meta.url).pathname;
let helm: Helm;
beforeAll(() => {
  [helm] = unpackHelms() as [Helm];
});

interface Model {
  /** Throws when the object breaks the JSON schema: a field that is missing, of another type or form. */
  validate(): void;
}

/** The packages that are made of the custom resource definitions of others. */
const customModels: Readonly<Record<string, string>> = {
  'autoscaling.k8s.io': '@kubernetes-models/autoscaler',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'grafana.integreatly.org': '@kubernetes-models/grafana-operator',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

/** Where an object's type and schema are: `kubernetes-models/apps/v1/StatefulSet`. */
function moduleOf({ apiVersion, kind }: Loose): string {
  const [group] = apiVersion.split('/');
  return `${customModels[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
}

async function modelOf(object: Rendered): Promise<Model> {
  const found = await import(join(toolsFolder, 'node_modules', `${moduleOf(object)}.js`));
  return new found[object.kind](object);
}

/**
 * What the compiler says of the objects, written down as literals of their types: the JSON schemas let a field pass that
 * they do not know, the types do not.
 */
async function compile(files: Readonly<Record<string, readonly Rendered[]>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  symlinkSync(join(toolsFolder, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  for (const [name, objects] of Object.entries(files)) writeFileSync(join(folder, `${name}.ts`), literalsOf(objects));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
  const names = Object.keys(files).map((name) => `${name}.ts`);
  try {
    return await run(tsc, [...options, '--types', '', ...names], { cwd: folder, maxBuffer: 1e7 }).then(
      () => '',
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function literalsOf(objects: readonly Rendered[]): string {
  return objects
    .map((object, at) => {
      const type = `import('${moduleOf(object)}').I${object.kind}`;
      return `export const object${at}: ${type} = ${JSON.stringify(object, null, 2)};`;
    })
    .join('\n');
}

describe('every object of every set of values', () => {
  test.each(Object.keys(ciValues))('keeps to the JSON schemas: %s', async (name) => {
    const objects = helm.template(ciValues[name] ?? '');
    expect(objects.length).toBeGreaterThan(4);
    for (const object of objects) {
      const model = await modelOf(object);
      expect(() => model.validate(), JSON.stringify(object)).not.toThrow();
    }
  });

  test('has no field that Kubernetes or the operator does not know', async () => {
    const files = Object.fromEntries(Object.entries(ciValues).map(([name, values]) => [name, helm.template(values)]));
    expect(await compile(files)).toBe('');
  });
});

test.each([
  ['a field of another type', { spec: { replicas: 'three' } }, /replicas/],
  ['a field that is missing', { spec: { template: undefined } }, /template/],
])('the schemas see %s', async (_name, change, message) => {
  const set = helm.template(ciValues['minimal'] ?? '').find(({ kind }) => kind === 'StatefulSet') as Loose;
  const model = await modelOf({ ...set, spec: { ...set.spec, ...change.spec } });
  expect(() => model.validate()).toThrow(message);
});

test('the compiler sees a field that is not known, however deep', async () => {
  const objects = helm.template(ciValues['monitoring'] ?? '') as Loose[];
  const set = structuredClone(objects.find(({ kind }) => kind === 'StatefulSet'));
  set.spec.template.spec.containers[0].readinesProbe = {};
  const monitor = structuredClone(objects.find(({ kind }) => kind === 'ServiceMonitor'));
  monitor.spec.endpoints[0].intervall = '1m';
  const said = await compile({ set: [set], monitor: [monitor] });
  expect(said).toContain(`'"readinesProbe"' does not exist`);
  expect(said).toContain(`'"intervall"' does not exist`);
});
