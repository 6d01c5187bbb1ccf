import { spawnSync } from 'node:child_process';

/** Debian's packages that the suites of this folder run: every one is the real thing, none of them is started by itself. */
const packages = [
  'apache2',
  'chromium',
  'curl',
  'fonts-dejavu-core',
  'jq',
  'lighttpd',
  'openssl',
  'prometheus',
  'prometheus-alertmanager',
  'python3-prometheus-client',
  'unzip',
];

/** Installs what is missing, once for all suites. Needs root. */
export function setup(): void {
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
