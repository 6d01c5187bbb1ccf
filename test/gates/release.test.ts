import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string>>;
}

/** Runs the script of a step as the workflow would, with a `docker` that answers as told. */
function runBase(docker: string) {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    const output = join(folder, 'output');
    writeFileSync(output, '');
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${docker}\n`);
    chmodSync(join(folder, 'docker'), 0o755);
    const { run = '' } = (workflow.jobs.image.steps as Step[]).find(({ id }) => id === 'base') ?? {};
    const env = { PATH: `${folder}:${process.env['PATH']}`, GITHUB_OUTPUT: output };
    const { status } = spawnSync('bash', ['-e', '-c', run], { cwd: root, env });
    return { status, written: readFileSync(output, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the image is built from a base that is named by its digest, and a digest that is not told ends the release', () => {
  expect(runBase('echo "sha256:0a1b of $4"')).toEqual({
    status: 0,
    written: 'image=docker.io/library/node:24-bookworm-slim@sha256:0a1b of docker.io/library/node:24-bookworm-slim\n',
  });
  expect(runBase('exit 1')).toEqual({ status: 1, written: '' });
  const build = (workflow.jobs.image.steps as Step[]).find(({ id }) => id === 'build');
  expect(build?.with).toMatchObject({ sbom: true, provenance: 'mode=max' });
  expect(build?.with?.['build-args']).toMatch(/^NODE_IMAGE=\$\{\{ steps\.base\.outputs\.image \}\}$/m);
  // A default of the first stage alone would leave the last one as it is.
  expect(read('Dockerfile')).not.toMatch(/^FROM (?!\$\{?NODE_IMAGE|\w+ AS|scratch)/m);
});

test('the bills of materials of the release name every package that runs, with its version and hash', {
  timeout: 60_000,
}, () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Readonly<Record<string, { version: string; integrity: string; dev?: boolean }>>;
  };
  const runs = Object.entries(packages).filter(([place, { dev }]) => place !== '' && !dev && existsSync(root + place));
  const folder = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    // What `npm ci --omit=dev` leaves in a checkout.
    for (const place of ['package.json', 'package-lock.json', ...runs.map(([place]) => place)])
      cpSync(root + place, join(folder, place), { recursive: true });
    const { run = '' } = (workflow.jobs.release.steps as Step[]).find(({ id }) => id === 'sbom') ?? {};
    const { status, stderr } = spawnSync('bash', ['-e', '-c', run], { cwd: folder, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    for (const file of ['sbom.cyclonedx.json', 'sbom.spdx.json']) {
      const text = readFileSync(join(folder, file), 'utf8');
      const missing = runs.filter(([place, { version, integrity }]) => {
        const name = place.replace(/^.*node_modules\//, '');
        const hash = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
        return !text.includes(`/${name.replace('@', '%40')}@${version}`) || !text.includes(hash);
      });
      expect([file, missing]).toEqual([file, []]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the package asks for no Node but what npm has, and says which', () => {
  const { engines, dependencies, devDependencies } = JSON.parse(read('package.json'));
  expect(engines).toEqual({ node: '>=24' });
  expect({ ...dependencies, ...devDependencies }['node']).toMatch(/^24\./);
  expect(read('Dockerfile')).toMatch(/^ARG NODE_IMAGE=docker\.io\/library\/node:24-/m);
});
