import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createSimulator, demoKeys } from '../../../src/simulator/simulator.ts';
import { baseName, makeBaseImage } from '../../support/base-image.ts';
import { createAuthority } from '../../support/certificates.ts';
import { run, tryRun } from '../../support/containers.ts';
import { dockerfile, entrypoint, healthCheck } from '../../support/dockerfile.ts';
import { mounted } from '../../support/helm.ts';
import { type Builder, builders, buildImage } from '../../support/image.ts';
import { freePort, until } from '../../support/wait.ts';

const { version, dependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/** As hard as a runtime can be asked to be: not even /tmp can be written. */
const hardened = [
  '--read-only',
  '--read-only-tmpfs=false',
  '--cap-drop=all',
  '--security-opt',
  'no-new-privileges',
  '--user',
  '65532:65532',
  '--memory',
  '256m',
  '--pids-limit',
  '100',
] as const;

interface Container extends Disposable {
  readonly name: string;
  logs(): string;
  /** What a process in it ends with. */
  exec(...args: readonly string[]): { readonly code: number | null; readonly stdout: string };
  state(): { readonly Status: string; readonly ExitCode: number; readonly OOMKilled: boolean };
}

let names = 0;
function start(options: readonly string[], image: string, ...args: readonly string[]): Container {
  const name = `image-${process.pid}-${names++}`;
  run('podman', 'run', '--detach', '--name', name, ...options, image, ...args);
  return {
    name,
    logs: () => run('podman', 'logs', name),
    exec: (...command) => tryRun('podman', 'exec', name, ...command),
    state: () => JSON.parse(run('podman', 'inspect', '--format', '{{json .State}}', name)),
    [Symbol.dispose]: () => void tryRun('podman', 'rm', '--force', '--time', '0', name),
  };
}

const mebibytes = (bytes: number) => bytes / 2 ** 20;
const sizeOf = (image: string) => Number(run('podman', 'image', 'inspect', '--format', '{{.Size}}', image));

const images: Record<Builder, string> = { podman: '', buildah: '' };
beforeAll(() => {
  makeBaseImage();
  for (const by of builders) {
    const from = performance.now();
    images[by] = buildImage(by);
    // Podman may find layers that another suite of this run has built; buildah begins anew.
    const seconds = (performance.now() - from) / 1000;
    const more = mebibytes(sizeOf(images[by]) - sizeOf(baseName));
    console.log(
      `${by}: there after ${seconds.toFixed(1)} s, ${mebibytes(sizeOf(images[by])).toFixed(0)} MiB, ${more.toFixed(1)} MiB beside its base`,
    );
  }
}, 600_000);

test('the Dockerfile asks for nothing of one machine or of one registry of our own', () => {
  expect(dockerfile.match(/^(?:FROM |ARG NODE_IMAGE=).*$/gm)).toEqual([
    `ARG NODE_IMAGE=${baseName}`,
    'FROM ${NODE_IMAGE} AS build',
    'FROM ${NODE_IMAGE}',
  ]);
  expect(dockerfile).not.toMatch(/--platform|amd64|x86_64|arm64|^# *syntax|curl|wget|apt-get/im);
});

describe.each(builders)('built by %s', (by) => {
  test('it says what it is and how it is run', () => {
    const [image] = JSON.parse(run('podman', 'image', 'inspect', images[by]));
    expect(image.Config).toMatchObject({
      User: '65532:65532',
      Entrypoint: entrypoint,
      Cmd: ['run'],
      StopSignal: 'SIGTERM',
      ExposedPorts: { '27900/tcp': {} },
      Labels: {
        'org.opencontainers.image.title': 'atlas-private-endpoint-exporter',
        'org.opencontainers.image.version': version,
        'org.opencontainers.image.licenses': 'Apache-2.0',
      },
    });
    expect([image.Config.Entrypoint.at(0), image.Config.Entrypoint.at(-1)]).toEqual(['node', 'dist/main.js']);
    expect(image.Healthcheck ?? image.HealthCheck ?? image.Config.Healthcheck).toMatchObject({
      Test: ['CMD', ...healthCheck],
    });
    expect(mebibytes(sizeOf(images[by]) - sizeOf(baseName))).toBeLessThan(100);
  });

  test('it holds what production needs, and nothing that only development does', () => {
    const list = `const { readdirSync: list } = require('node:fs'); console.log(JSON.stringify([list('.'), list('node_modules').flatMap((name) => name[0] === '@' ? list('node_modules/' + name).map((inner) => name + '/' + inner) : name), list('config'), list('docs')]))`;
    const [app, modules, config, docs] = JSON.parse(
      run(
        'podman',
        'run',
        '--rm',
        '--no-healthcheck',
        '--network',
        'none',
        '--entrypoint',
        'node',
        images[by],
        '-e',
        list,
      ),
    );
    expect(app.sort()).toEqual(['LICENSE', 'config', 'data', 'dist', 'docs', 'node_modules', 'package.json']);
    // What /help shows.
    expect(docs).toEqual(['runbooks']);
    expect(config.sort()).toEqual(['exporter.example.yaml', 'exporter.schema.json']);
    expect(modules).toEqual(expect.arrayContaining(Object.keys(dependencies)));
    for (const name of ['typescript', 'vitest', 'node', '@biomejs/biome', 'playwright-core'])
      expect(modules).not.toContain(name);
  });

  test('it starts, serves and stops with everything taken away', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const from = performance.now();
    using container = start(
      ['--network', 'host', '--no-healthcheck', ...hardened],
      images[by],
      'demo',
      '--web.listen-address',
      `127.0.0.1:${port}`,
    );
    await until('an answer', async () => (await fetch(`${url}/-/healthy`)).ok);
    const started = performance.now() - from;
    await until('ready', async () => (await fetch(`${url}/-/ready`)).ok);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^mongodb_atlas_exporter_source_up\{.*\} 1$/m);
    expect(metrics).toContain(`mongodb_atlas_exporter_build_info{version="${version}"`);

    const stopping = performance.now();
    run('podman', 'stop', '--time', '10', container.name);
    const stopped = performance.now() - stopping;
    expect(container.state()).toMatchObject({ Status: 'exited', ExitCode: 0, OOMKilled: false });
    expect(container.logs()).toMatch(/"signal":"SIGTERM","msg":"Stopping"[\s\S]*"msg":"Stopped"/);
    console.log(
      `${by}: answers ${Math.round(started)} ms after podman run, ends ${Math.round(stopped)} ms after podman stop`,
    );
    expect(started).toBeLessThan(30_000);
    expect(stopped).toBeLessThan(10_000);
  });
});

describe('the health check', () => {
  const health = ({ name }: Container) => tryRun('podman', 'healthcheck', 'run', name).code;

  test('is good while it works, and bad while nothing answers where it looks', async () => {
    // A network of its own, so that the port is free.
    using well = start(['--network', 'none', ...hardened], images.podman, 'demo');
    await until('healthy', async () => health(well) === 0);
    using elsewhere = start(['--network', 'none', ...hardened], images.podman, 'demo', '--web.listen-address', ':9000');
    await until('started', async () => elsewhere.logs().includes('"Started"'));
    expect(health(elsewhere)).toBe(1);
  });

  test('is good below a route prefix, and where it is told the port', async () => {
    const flags = ['--web.route-prefix', '/atlas'];
    using below = start(['--network', 'none', ...hardened], images.podman, 'demo', ...flags);
    await until('healthy', async () => health(below) === 0);
    const cmd = ['--health-cmd', 'node dist/health-check.js 9000'];
    const elsewhere = ['--web.listen-address', ':9000'];
    using told = start(['--network', 'none', ...cmd, ...hardened], images.podman, 'demo', ...elsewhere);
    await until('healthy', async () => health(told) === 0);
  });

  test('is good with TLS too, and needs no shell', async () => {
    const { cert, key } = createAuthority().issue(['exporter']);
    using web = mounted({
      'web-config.yml': 'tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n',
      'tls.crt': cert,
      'tls.key': key,
    });
    chmodSync(web.folder, 0o755);
    const mounts = ['-v', `${web.folder}:/web:ro`, '-v', '/dev/null:/bin/sh:ro'];
    using container = start(
      ['--network', 'none', ...mounts, ...hardened],
      images.podman,
      'demo',
      '--web.config.file',
      '/web/web-config.yml',
    );
    await until('healthy', async () => health(container) === 0);
    expect(container.exec('sh', '-c', 'true').code).not.toBe(0);
  });
});

test('the Compose file of the docs runs as it is written', async () => {
  const docs = readFileSync(new URL('../../../docs/install.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /^## Docker Compose$.*?^```yaml\n(.*?)^```$/ms.exec(docs) ?? [];
  const { services, secrets, volumes } = parse(yaml);
  const {
    image,
    build,
    ports,
    restart,
    read_only,
    cap_drop,
    security_opt,
    volumes: mounts,
    secrets: read,
    ...rest
  } = services.exporter;
  expect({ rest, image, build, ports, restart, read_only }).toEqual({
    rest: {},
    image: `atlas-private-endpoint-exporter:${version}`,
    build: '.',
    ports: ['27900:27900'],
    restart: 'unless-stopped',
    read_only: true,
  });
  await using simulator = createSimulator();
  await simulator.start();
  const { id } = simulator.world.addProject();
  using files = mounted({
    'exporter.yaml': [
      `atlas: {baseUrl: "${simulator.url}"}`,
      `credentials: {main: {digest: {publicKey: ${demoKeys.publicKey}, privateKeyFile: /run/secrets/atlas-private-key}}}`,
      `projects: [{id: "${id}"}]`,
      'state: {path: /app/data/state.db}',
    ].join('\n'),
    'atlas-private-key': `${demoKeys.privateKey}\n`,
  });
  chmodSync(files.folder, 0o755);
  const volume = `compose-${process.pid}`;
  using _ = { [Symbol.dispose]: () => void tryRun('podman', 'volume', 'rm', '--force', volume) };
  const toMount = (mount: string) => {
    const [from = '', ...to] = mount.split(':');
    return Object.hasOwn(volumes, from) ? [volume, ...to].join(':') : [join(files.folder, from), ...to].join(':');
  };
  const port = await freePort();
  using container = start(
    [
      ...['--network', 'host', '--no-healthcheck', ...(read_only ? ['--read-only'] : [])],
      ...cap_drop.map((name: string) => `--cap-drop=${name}`),
      ...security_opt.map((option: string) => `--security-opt=${option.replace(/:true$/, '')}`),
      ...mounts.flatMap((mount: string) => ['-v', toMount(mount)]),
      ...read.flatMap((name: string) => ['-v', `${join(files.folder, secrets[name].file)}:/run/secrets/${name}:ro`]),
    ],
    images.podman,
    'run',
    '--web.listen-address',
    `127.0.0.1:${port}`,
  );
  await until('ready', async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(metrics).toMatch(/^mongodb_atlas_exporter_source_up\{.*\} 1$/m);
  expect(container.exec('node', '-e', 'console.log(fs.readdirSync("data"))').stdout).toContain('state.db');
});

test('whatever user a platform chooses can run it', async () => {
  using container = start(['--network', 'none', ...hardened, '--user', '1000710000:0'], images.podman, 'demo');
  await until('started', async () => container.logs().includes('"Started"'));
});

test('without a config it ends with 1 and says what to do', () => {
  const { code, stderr, stdout } = tryRun(
    'podman',
    'run',
    '--rm',
    '--no-healthcheck',
    '--network',
    'none',
    ...hardened,
    images.podman,
  );
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('demo');
});
