import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { createAuthority } from '../support/certificates.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../support/daemon.ts';

/** The daemon with its own watch of files: it looks every 5 s, and takes what two looks saw alike. */
let simulator: Simulator;
let id: string;
let folder: string;
let versions: number;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  id = simulator.world.addProject({ name: 'payments-prod' }).id;
  folder = mkdtempSync(join(tmpdir(), 'reload-'));
  versions = 0;
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** As the kubelet writes a Secret: a folder of its own for each version, and `..data` swapped to it in one step. */
function writeSecret(entries: Readonly<Record<string, string>>): void {
  const version = `..v${++versions}`;
  mkdirSync(join(folder, version));
  for (const [name, text] of Object.entries(entries)) writeFileSync(join(folder, version, name), text);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}
const inSecret = (name: string) => join(folder, '..data', name);
const config = (credential: string, atlas = '') =>
  [
    `atlas: {baseUrl: "${simulator.url}", timeout: 20s, retries: 1${atlas}}`,
    `credentials: {main: ${credential}}`,
    `projects: [{id: "${id}", providers: [AWS]}]`,
    'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}',
    '',
  ].join('\n');
const digest = () =>
  config(`{digest: {publicKeyFile: "${inSecret('public')}", privateKeyFile: "${inSecret('private')}"}}`);
const serviceAccount = () =>
  config(`{serviceAccount: {clientIdFile: "${inSecret('id')}", clientSecretFile: "${inSecret('secret')}"}}`);
const apiKey = { public: demoKeys.publicKey, private: demoKeys.privateKey };
const client = { id: demoKeys.clientId, secret: demoKeys.clientSecret };

const told = ({ log }: Daemon, message = 'Config not reloaded') =>
  log.filter((line) => line.message === message).map((line) => String(line['problems'] ?? ''));
const isGauge = (daemon: Daemon, wanted: number) =>
  daemon.until(
    `the gauge at ${wanted}`,
    async () => (await daemon.series())['mongodb_atlas_exporter_config_last_reload_successful'] === wanted,
  );

test('a Secret that moves from an API key to a service account in one write is taken over', async () => {
  writeSecret(apiKey);
  await using daemon = await startDaemon(digest());
  await daemon.until('a poll', async () => (await daemon.get('/-/ready')).ok);
  writeSecret(client);
  daemon.configure(serviceAccount());
  await daemon.until('the reload', async () => told(daemon, 'Config reloaded').length === 1);
  const token = 'mongodb_atlas_exporter_token_expiry_timestamp_seconds{credential="main"}';
  await daemon.until('its token', async () => ((await daemon.series())[token] ?? 0) > 0);
  expect(told(daemon)).toEqual([]);
  await isGauge(daemon, 1);
});

test('an entry of a Secret that is misspelt is told, and mended by the next write', async () => {
  writeSecret(apiKey);
  await using daemon = await startDaemon(digest());
  writeSecret({ public: apiKey.public, privat: apiKey.private });
  await daemon.until('the failure', async () => told(daemon).length === 1);
  expect(told(daemon)[0]).toContain(`the secret in '${inSecret('private')}' cannot be read: there is no such file`);
  await isGauge(daemon, 0);
  writeSecret(apiKey);
  await daemon.until('the reload', async () => told(daemon, 'Config reloaded').length === 1);
  await isGauge(daemon, 1);
});

test('a CA file that becomes something else is told, ends nothing, and is taken anew without a restart', async () => {
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, createAuthority().cert);
  writeSecret(apiKey);
  await using daemon = await startDaemon(digest().replace('retries: 1', `retries: 1, caFile: "${ca}"`));
  writeFileSync(ca, 'no certificate\n');
  expect(await daemon.app.reload()).toEqual({ ok: false, problems: expect.stringContaining('holds no certificate') });
  await isGauge(daemon, 0);
  writeFileSync(ca, createAuthority().cert);
  expect(await daemon.app.reload()).toEqual({ ok: true });
  await isGauge(daemon, 1);
});

test('a certificate that was renamed is told, the old one stays in use, and its return is noticed', async () => {
  const { cert, key } = createAuthority().issue(['127.0.0.1']);
  const web = join(folder, 'web.yaml');
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key);
  // The metrics of this one are not read: what is told is in the log, and both gauges are one status for all parts.
  writeFileSync(web, 'tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n');
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]), { webConfigFile: web });
  renameSync(certFile, `${certFile}.old`);
  await daemon.until('the failure', async () => told(daemon, 'Web config not reloaded').length === 1);
  expect(told(daemon, 'Web config not reloaded')[0]).toContain(
    "the file 'tls.crt' cannot be read: there is no such file",
  );
  renameSync(`${certFile}.old`, certFile);
  await daemon.until('the reload', async () => told(daemon, 'Web config reloaded').length === 1);
});
