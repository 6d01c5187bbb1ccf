/** The cache of tools, with a Go of the test's own that builds nothing. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cacheVariable, folderOf, provideTool } from './provide.ts';
import { toolNames, versionOf } from './tools.ts';

let home: string;
let environment: NodeJS.ProcessEnv;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tools-'));
  mkdirSync(join(home, 'bin'));
  environment = { PATH: `${join(home, 'bin')}:/usr/bin:/bin`, [cacheVariable]: join(home, 'cache') };
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(home, { recursive: true });
});

function program(name: string, ...lines: readonly string[]): void {
  writeFileSync(join(home, 'bin', name), ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(join(home, 'bin', name), 0o755);
}

/** `go build … -o FOLDER/ …` that leaves `kubeconform`. */
function goThatBuilds(): void {
  program(
    'go',
    `echo "$*" >> ${home}/asked`,
    'while [ $# -gt 0 ]; do [ "$1" = -o ] && folder=$2; shift; done',
    'echo "a program" > "${folder}kubeconform"',
  );
}

const asked = () => readFileSync(join(home, 'asked'), 'utf8').trim().split('\n');
const left = () => (existsSync(join(home, 'cache')) ? readdirSync(join(home, 'cache')) : []);

test('what is built once is taken from the cache, and the build leaves nothing else there', () => {
  goThatBuilds();
  const { kubeconform = '' } = provideTool('kubeconform', environment);
  expect(readFileSync(kubeconform, 'utf8')).toBe('a program\n');
  expect(provideTool('kubeconform', environment)).toEqual({ kubeconform });
  expect(asked()).toHaveLength(1);
  expect(left().map((name) => join(home, 'cache', name))).toEqual([folderOf('kubeconform', environment)]);
});

test('a build that fails leaves nothing, and the next one starts anew', () => {
  program(
    'go',
    'while [ $# -gt 0 ]; do [ "$1" = -o ] && folder=$2; shift; done',
    'echo half > "${folder}kubeconform"',
    'kill -9 $$',
  );
  expect(() => provideTool('kubeconform', environment)).toThrow(/^Cannot build kubeconform .*go was ended by SIGKILL/);
  expect(left()).toEqual([]);
  goThatBuilds();
  provideTool('kubeconform', environment);
  expect(left()).toHaveLength(1);
});

test('what a killed build left is removed by the next one; what another process is building stays', () => {
  goThatBuilds();
  const cache = join(home, 'cache');
  mkdirSync(join(cache, '.building-4194304999-abc'), { recursive: true });
  mkdirSync(join(cache, `.building-${process.pid}-abc`));
  provideTool('kubeconform', environment);
  expect(left().filter((name) => name.startsWith('.'))).toEqual([`.building-${process.pid}-abc`]);
});

test.each([
  [
    'a program that lost its end',
    (folder: string) => truncateSync(join(folder, 'kubeconform'), 3),
    /"kubeconform" has lost its end/,
  ],
  ['a folder without its list', (folder: string) => rmSync(join(folder, 'complete.json')), /ENOENT.*complete\.json/],
] as const)('%s is built again, and a line says so', (_, damage, said) => {
  goThatBuilds();
  provideTool('kubeconform', environment);
  damage(folderOf('kubeconform', environment));
  const { kubeconform = '' } = provideTool('kubeconform', environment);
  expect(readFileSync(kubeconform, 'utf8')).toBe('a program\n');
  expect(asked()).toHaveLength(2);
  expect(console.warn).toHaveBeenCalledWith(expect.stringMatching(said));
});

test('without Go the error says what to install, or what to put on the PATH', () => {
  expect(() => provideTool('kubeconform', environment)).toThrow(
    `Cannot build kubeconform ${versionOf('kubeconform')}: there is no Go on the PATH. ` +
      `Install Go 1.26.0 or newer (https://go.dev/dl/), or put kubeconform ${versionOf('kubeconform')} on the PATH`,
  );
});

test('a module that cannot be had is named, and so is the proxy', () => {
  const refusal = 'github.com/yannh/kubeconform@v0.7.0: reading https://proxy.example/@v/v0.7.0.zip: 403 Forbidden';
  program('go', `echo 'go: downloading x' >&2; echo '${refusal}' >&2; exit 1`);
  expect(() => provideTool('kubeconform', environment)).toThrow(
    `Cannot build kubeconform ${versionOf('kubeconform')} in test/tools/kubeconform: ${refusal}\n` +
      `Let this machine reach the module proxy that "go env GOPROXY" names, or put kubeconform`,
  );
});

test('a cache that cannot be written is named with the variable that moves it', () => {
  writeFileSync(join(home, 'cache'), '');
  goThatBuilds();
  expect(() => provideTool('kubeconform', environment)).toThrow(
    new RegExp(`Cannot keep tools in "${home}/cache": .*Set ${cacheVariable} to a folder that can be written`),
  );
});

test('a program on the PATH of the same version is taken, another version is not', () => {
  goThatBuilds();
  program('kubeconform', `echo v${versionOf('kubeconform')}`);
  expect(provideTool('kubeconform', environment)).toEqual({ kubeconform: join(home, 'bin/kubeconform') });
  program('kubeconform', 'echo v0.6.9');
  expect(provideTool('kubeconform', environment)['kubeconform']).toMatch(join(home, 'cache'));
});

test('every tool has a version, and Prometheus the one that it calls itself', () => {
  expect(toolNames.map(versionOf).every((version) => /^\d+\.\d+\.\d+$/.test(version))).toBe(true);
  expect(versionOf('prometheus')).toMatch(/^3\.\d+\.0$/);
});
