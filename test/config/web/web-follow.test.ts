import { copyFileSync, mkdtempSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadWebConfig } from '../../../src/config/web/web.ts';
import { followWebConfig, type WebReload } from '../../../src/config/web/web-follow.ts';
import type { WebSettings } from '../../../src/domain/protection.ts';

const certificates = new URL('../../fixtures/tls', import.meta.url).pathname;
const hash = '$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze';
const text = `tls_server_config: { cert_file: server.pem, key_file: server.key }\nbasic_auth_users: { alice: ${hash} }\n`;

function setUp(apply: (web: WebSettings) => { ok: true } | { ok: false; problem: string } = () => ({ ok: true })) {
  const folder = mkdtempSync(join(tmpdir(), 'web-follow-'));
  const file = join(folder, 'web.yaml');
  const put = (name: string) => {
    for (const end of ['pem', 'key']) {
      copyFileSync(`${certificates}/${name}.${end}`, join(folder, `new.${end}`));
      renameSync(join(folder, `new.${end}`), join(folder, `server.${end}`));
    }
  };
  put('server');
  writeFileSync(file, text);
  const loaded = loadWebConfig(file, folder);
  if (!loaded.ok) throw new Error('Not loaded');
  const taken: WebSettings[] = [];
  const told: WebReload[] = [];
  const follower = followWebConfig({
    file,
    cwd: folder,
    loaded,
    everyMs: 5,
    tell: (result) => told.push(result),
    apply: (web) => {
      const result = apply(web);
      if (result.ok) taken.push(web);
      return result;
    },
  });
  return { folder, file, put, taken, told, follower, [Symbol.dispose]: () => follower[Symbol.dispose]() };
}

test('another certificate is taken when its files have changed', async () => {
  using web = setUp();
  web.put('renewed');
  await expect.poll(() => web.taken.length).toBeGreaterThan(0);
  await expect.poll(() => web.told.at(-1)).toEqual({ ok: true });
});

test('a link that is swapped counts as a change, as Kubernetes does it', async () => {
  using web = setUp();
  writeFileSync(join(web.folder, 'other.yaml'), `basic_auth_users: { bob: ${hash} }\n`);
  symlinkSync('other.yaml', join(web.folder, 'link'));
  renameSync(join(web.folder, 'link'), web.file);
  await expect.poll(() => web.taken.at(-1)?.users.has('bob')).toBe(true);
});

test('a broken file changes nothing, and is told', async () => {
  using web = setUp();
  writeFileSync(web.file, 'basic_auth_users: {}\n');
  await expect.poll(() => web.told.length).toBe(1);
  expect(web.told[0]).toMatchObject({ ok: false, problems: expect.stringContaining('names nobody') });
  expect(web.taken).toEqual([]);
  writeFileSync(web.file, text.replace('alice', 'carol'));
  await expect.poll(() => web.taken.at(-1)?.users.has('carol')).toBe(true);
});

test('a file that is gone changes nothing', () => {
  using web = setUp();
  unlinkSync(web.file);
  expect(web.follower.reload()).toMatchObject({ ok: false, problems: expect.stringContaining('does not exist') });
  expect(web.taken).toEqual([]);
});

test('what needs a restart is told', () => {
  using web = setUp(() => ({ ok: false, problem: 'To turn TLS on or off, restart' }));
  const result = web.follower.reload();
  expect(result).toMatchObject({
    ok: false,
    problems: expect.stringMatching(/was not taken: To turn TLS on or off, restart$/),
  });
  expect(web.told).toEqual([result]);
});
