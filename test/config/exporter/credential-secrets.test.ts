import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readCredentialSecrets } from '../../../src/config/exporter/credential-secrets.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'credentials-'));
  writeFileSync(join(folder, 'good'), 'from-file\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (credential: unknown) => readCredentialSecrets({ credentials: { main: credential } }, folder);

test('secrets come from values and files, and every file is named', () => {
  const { findings, files, secretOf } = read({ digest: { publicKey: 'inline', privateKeyFile: 'good' } });
  expect([findings, files.map(({ path }) => path)]).toEqual([[], [join(folder, 'good')]]);
  expect([secretOf('main', 'publicKey').reveal(), secretOf('main', 'privateKey').reveal()]).toEqual([
    'inline',
    'from-file',
  ]);
});

test('every bad secret is found, of both types, and its file is named for the watch', () => {
  const { findings, files } = read({
    digest: { publicKey: '{"publicKey": "a"}', privateKeyFile: 'missing' },
    serviceAccount: { clientId: '  ', clientSecretFile: '5f3c0d1e-0000-4000-8000-000000000000' },
  });
  expect(findings.map(({ path, code }) => `${path.slice(2).join('.')} ${code}`)).toEqual([
    'digest.publicKey unusable_secret',
    'digest.privateKeyFile unreadable_secret',
    'serviceAccount.clientId unusable_secret',
    'serviceAccount.clientSecretFile secret_as_file',
  ]);
  expect(files.map(({ path }) => path)).toContain(join(folder, 'missing'));
});

test.each([[undefined], [null], ['text'], [[]], [{ digest: 7 }], [{ digest: { publicKey: 7, privateKeyFile: '' } }]])(
  'a credential of the wrong shape (%j) is left to the schema',
  (credential) => {
    expect(read(credential)).toMatchObject({ findings: [], files: [] });
  },
);
