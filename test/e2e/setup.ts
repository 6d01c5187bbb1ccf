import { spawnSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { createContainerFolder, removeContainerFolder } from '../support/containers.ts';
import { installTools } from '../support/helm.ts';
import { prometheuses } from '../support/prometheuses.ts';
import '../support/provided.ts';

/** Debian's packages that the suites of this folder run: every one is the real thing, none of them is started by itself. */
const packages = [
  'aardvark-dns',
  'apache2',
  'buildah',
  'catatonit',
  'chromium',
  'curl',
  'faketime',
  'fonts-dejavu-core',
  'iptables',
  'jq',
  'lighttpd',
  'netavark',
  'openssl',
  'podman',
  'prometheus',
  'prometheus-alertmanager',
  'python3-prometheus-client',
  'runc',
  'unzip',
];

/**
 * Installs and builds what is missing, once for all suites. Needs root. A tool that cannot be had fails the tests that ask
 * for it, each with the sentence that says what to do. What it gives removes what containers left.
 */
export function setup(project: TestProject): () => Promise<void> {
  install();
  installTools();
  project.provide('programs', Object.fromEntries(prometheuses.map((one) => [one.name, orWhyNot(one.provide)])));
  const containers = createContainerFolder();
  project.provide('containers', containers);
  return () => removeContainerFolder(containers);
}

function orWhyNot<T>(provide: () => T): T | string {
  try {
    return provide();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function install(): void {
  const missing = packages.filter(
    (name) => !/ok installed/.test(run('dpkg-query', ['-W', '-f', '${Status}', name]).output),
  );
  if (missing.length === 0) return;
  console.log(`Installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  run('apt-get', ['update', '-qq'], env);
  const installed = run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], env);
  if (installed.status !== 0) throw new Error(`Cannot install ${missing.join(' ')}: ${installed.output.slice(-2000)}`);
}

function run(command: string, args: readonly string[], env = process.env) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', env });
  if (error) throw new Error(`Cannot run ${command}: ${error.message}`);
  return { status, output: stdout + stderr };
}
