import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from '@node-rs/bcrypt';
import { Agent, fetch } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { createAuthority } from '../support/certificates.ts';
import { simulatorConfig, startDaemon } from '../support/daemon.ts';

let simulator: Simulator;
let folder: string;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  folder = mkdtempSync(join(tmpdir(), 'web-'));
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test('TLS and a password: in with both, out without, and a new password by reload', async () => {
  const authority = createAuthority();
  const { cert, key } = authority.issue(['127.0.0.1']);
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const file = join(folder, 'web.yml');
  const configure = async (password: string) =>
    writeFileSync(
      file,
      `tls_server_config: {cert_file: cert.pem, key_file: key.pem}\nbasic_auth_users: {scraper: "${await hash(password, 4)}"}\n`,
    );
  await configure('first');
  const project = simulator.world.addProject();
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [project.id]), { webConfigFile: file });
  const dispatcher = new Agent({ connect: { ca: authority.cert } });
  const url = daemon.url.replace('http:', 'https:');
  const status = async (password: string | null, path = '/metrics') => {
    const headers =
      password === null ? {} : { Authorization: `Basic ${Buffer.from(`scraper:${password}`).toString('base64')}` };
    const answer = await fetch(url + path, { headers, dispatcher });
    await answer.arrayBuffer();
    return answer.status;
  };
  expect([await status(null), await status('wrong'), await status('first')]).toEqual([401, 401, 200]);
  await expect(fetch(daemon.url)).rejects.toThrow();
  await configure('second');
  expect(await daemon.app.reload()).toEqual({ ok: true });
  expect([await status('first'), await status('second')]).toEqual([401, 200]);
  writeFileSync(file, 'basic_auth_users: [');
  expect(await daemon.app.reload()).toMatchObject({ ok: false });
  expect([await status(null), await status('second')]).toEqual([401, 200]);
  await dispatcher.close();
});

test('a web config that is wrong keeps the port shut', async () => {
  const file = join(folder, 'web.yml');
  writeFileSync(file, 'basic_auth_user: {a: b}');
  const project = simulator.world.addProject();
  await expect(startDaemon(simulatorConfig(simulator.url, [project.id]), { webConfigFile: file })).rejects.toThrow(
    'basic_auth_user',
  );
});
