import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

interface Entry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  /** It lies in the tarball of the package around it, whose hash covers it. */
  readonly inBundle?: boolean;
}

describe.each(['package-lock.json', 'test/tools/helm/package-lock.json'])('%s', (file) => {
  const { packages } = JSON.parse(readFileSync(`${root}${file}`, 'utf8')) as {
    packages: Readonly<Record<string, Entry>>;
  };
  const entries = Object.entries(packages).filter(([name, { inBundle }]) => name !== '' && inBundle !== true);

  test('every entry has its hash: a swapped tarball does not install', () => {
    expect(entries.length).toBeGreaterThan(1);
    expect(entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([name]) => name)).toEqual([]);
  });

  test('no entry names the host that it was fetched from', () => {
    const hosts = entries.flatMap(([, { resolved }]) => (resolved ? [new URL(resolved).host] : []));
    expect([...new Set(hosts)].filter((host) => host !== 'registry.npmjs.org')).toEqual([]);
  });
});

test('every dependency is pinned to one version', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const versions = Object.entries<string>({ ...dependencies, ...devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
