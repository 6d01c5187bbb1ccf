/** TLS, client certificates and passwords in a pod, asked by the kubelet's own prober; and a start that takes its time. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from '@node-rs/bcrypt';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createAuthority } from '../../support/certificates.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';
import { compileImage, type Image } from '../../support/kubelet/image.ts';
import { startPod } from '../../support/kubelet/pod.ts';
import { get } from '../../support/kubelet/scrape.ts';
import type { Files } from '../../support/kubelet/volumes.ts';
import { until } from '../../support/wait.ts';

let folder: string;
let helm: Helm;
let image: Image;
let password: string;
const started: number[] = [];
const authority = createAuthority();
const server = authority.issue(['exporter']);
const renewed = authority.issue(['exporter']);
const client = authority.issue(['prometheus']);
const clientsOf = ['client_auth_type: RequireAndVerifyClientCert', 'client_ca_file: ca.crt'];
const open = 'auth_excluded_paths: [/-/healthy, /-/ready]';

beforeAll(async () => {
  [helm] = unpackHelms() as [Helm];
  folder = mkdtempSync(join(tmpdir(), 'pod-'));
  image = compileImage(join(folder));
  password = await hash('open sesame', 4);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A web config, and the files beside it. */
function webFiles(tls: readonly string[], ...rest: readonly string[]): Files {
  const lines = [
    'tls_server_config:',
    '  cert_file: tls.crt',
    '  key_file: tls.key',
    ...tls.map((line) => `  ${line}`),
  ];
  return {
    'web-config.yml': [...lines, ...rest, ''].join('\n'),
    'tls.crt': server.cert,
    'tls.key': server.key,
    'ca.crt': authority.cert,
  };
}

const start = async (web: Files | null, delaySeconds = 0) => {
  const own = mkdtempSync(join(folder, 'pod-'));
  const objects = helm.template({
    credentials: { existingSecret: 'atlas-key' },
    config: { atlas: { baseUrl: 'http://127.0.0.1:1' }, projects: [{ id: '5df264b8f10fab7d2cad2f0d' }] },
    ...(web ? { webConfig: { existingSecret: 'web', scheme: 'HTTPS' } } : {}),
  });
  const given = { 'atlas-key': { 'public-key': 'abcdefgh', 'private-key': 'not-a-key' }, ...(web ? { web } : {}) };
  const pod = await startPod({ objects, given, image, kubelet: inject('kubelet'), folder: own, delaySeconds });
  started.push(pod.pid());
  return pod;
};

test.concurrent('TLS and a password: the probes are answered, a scrape needs the password', async () => {
  await using pod = await start(webFiles([], `basic_auth_users: {prometheus: "${password}"}`, open));
  expect(await pod.becomesReady()).toBe(null);
  const url = `https://${pod.ip}:27900/metrics`;
  expect(await get(url)).toMatchObject({ status: 401 });
  expect(await get(url, { user: 'prometheus:open sesame' })).toMatchObject({ status: 200 });
  expect(await get(`https://${pod.ip}:27900/-/ready`)).toMatchObject({ status: 200 });
});

test.concurrent('client certificates: the probes are answered without one, a scrape is not', async () => {
  await using pod = await start(webFiles(clientsOf, open));
  expect(await pod.becomesReady()).toBe(null);
  const url = `https://${pod.ip}:27900/metrics`;
  expect((await get(url).catch(() => ({ status: 0 }))).status).not.toBe(200);
  expect(await get(url, client)).toMatchObject({ status: 200 });
});

test.concurrent('without the excluded paths the kubelet is refused, and says how', async () => {
  await using pod = await start(webFiles([], `basic_auth_users: {prometheus: "${password}"}`));
  await until('an answer', async () => (await get(`https://${pod.ip}:27900/-/healthy`)).status === 401);
  expect(await pod.probe('livenessProbe')).toEqual({ ok: false, told: expect.stringMatching(/^failure .*401/) });
});

test.concurrent('a renewed certificate is served, one that is missing is told of and the old one stays', async () => {
  await using pod = await start(webFiles([]));
  expect(await pod.becomesReady()).toBe(null);
  const url = `https://${pod.ip}:27900/metrics`;
  const serial = async () => (await get(url)).serialNumber;
  const reloadIs = (wanted: number) =>
    until(`reload ${wanted}`, async () => {
      const { text } = await get(url);
      return new RegExp(`^mongodb_atlas_exporter_config_last_reload_successful ${wanted}$`, 'm').test(text);
    });
  const before = await serial();
  const pid = pod.pid();
  pod.write('web', { ...webFiles([]), 'tls.crt': renewed.cert, 'tls.key': renewed.key });
  await until('the renewed certificate', async () => (await serial()) !== before);
  const after = await serial();

  const { 'tls.crt': _, ...without } = webFiles([]);
  pod.write('web', { ...without, 'tls.pem': server.cert });
  await reloadIs(0);
  expect(pod.output()).toContain('tls.crt');
  expect(await serial()).toBe(after);
  pod.write('web', webFiles([]));
  await until('the certificate that came back', async () => (await serial()) === before);
  await reloadIs(1);
  expect(pod.pid()).toBe(pid);
});

test.concurrent('a start of 20 s: the startup probe waits for it', async () => {
  await using pod = await start(null, 20);
  const from = performance.now();
  expect(await pod.becomesReady()).toBe(null);
  expect(performance.now() - from).toBeGreaterThan(15_000);
  expect(await pod.end()).toMatchObject({ code: 0 });
});

test('no pod outlives its test', async () => {
  expect(started.length).toBeGreaterThan(3);
  await expect.poll(() => started.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
});
