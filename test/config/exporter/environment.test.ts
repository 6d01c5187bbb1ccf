import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/exporter/load.ts';
import { formatProblems } from '../../../src/config/problems.ts';
import { checkSchedule } from '../../../src/polling/cron.ts';

const load = (file: null, env: Record<string, string>) => loadConfig({ file, env, cwd: '/nonexistent', checkSchedule });

describe('the environment alone', () => {
  const id = '5df264b8f10fab7d2cad2f0d';
  test('is a config', async () => {
    const loaded = await load(null, {
      MONGODB_ATLAS_PUBLIC_API_KEY: 'pub',
      MONGODB_ATLAS_PRIVATE_API_KEY: 'priv',
      MONGODB_ATLAS_PROJECT_ID: `${id}, 5df264b8f10fab7d2cad2f0e`,
      MONGODB_ATLAS_ORG_ID: id,
      MONGODB_ATLAS_BASE_URL: 'http://127.0.0.1:1/',
      MONGODB_ATLAS_API: 'v2',
    });
    expect(loaded).toMatchObject({
      ok: true,
      origin: 'environment',
      config: { atlas: { baseUrl: 'http://127.0.0.1:1' } },
    });
    expect(loaded.ok && loaded.config.projects.map((project) => project.id)).toEqual([id, '5df264b8f10fab7d2cad2f0e']);
    expect(loaded.ok && loaded.config.discovery[0]?.organization).toBe(id);
  });

  test.each([
    ['nothing', {}, 'There is no config. Give one of these:'],
    [
      'half a key',
      { MONGODB_ATLAS_PUBLIC_API_KEY: 'pub', MONGODB_ATLAS_PROJECT_ID: id },
      'MONGODB_ATLAS_PRIVATE_API_KEY is not set',
    ],
    [
      'no project',
      { MONGODB_ATLAS_PUBLIC_API_KEY: 'a', MONGODB_ATLAS_PRIVATE_API_KEY: 'b' },
      'set MONGODB_ATLAS_PROJECT_ID or MONGODB_ATLAS_ORG_ID',
    ],
    ['no key', { MONGODB_ATLAS_PROJECT_ID: id }, 'there is no credential: set MONGODB_ATLAS_PUBLIC_API_KEY'],
    [
      'a bad id',
      { MONGODB_ATLAS_PUBLIC_API_KEY: 'a', MONGODB_ATLAS_PRIVATE_API_KEY: 'b', MONGODB_ATLAS_PROJECT_ID: 'x' },
      'MONGODB_ATLAS_PROJECT_ID: is no Atlas id',
    ],
    [
      'a bad api',
      {
        MONGODB_ATLAS_PUBLIC_API_KEY: 'a',
        MONGODB_ATLAS_PRIVATE_API_KEY: 'b',
        MONGODB_ATLAS_PROJECT_ID: id,
        MONGODB_ATLAS_API: 'v3',
      },
      'MONGODB_ATLAS_API: must be v2 or v1.0',
    ],
    [
      'a key and a service account',
      {
        MONGODB_ATLAS_PUBLIC_API_KEY: 'a',
        MONGODB_ATLAS_PRIVATE_API_KEY: 'b',
        MONGODB_ATLAS_CLIENT_ID: 'c',
        MONGODB_ATLAS_CLIENT_SECRET: 'd',
        MONGODB_ATLAS_PROJECT_ID: id,
      },
      'set either MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or MONGODB_ATLAS_CLIENT_ID',
    ],
    [
      'half a service account',
      { MONGODB_ATLAS_CLIENT_SECRET: 'd', MONGODB_ATLAS_PROJECT_ID: id },
      'MONGODB_ATLAS_CLIENT_ID is not set, but MONGODB_ATLAS_CLIENT_SECRET is',
    ],
    [
      'a secret that is a JSON object',
      {
        MONGODB_ATLAS_PUBLIC_API_KEY: 'a',
        MONGODB_ATLAS_PRIVATE_API_KEY: '{"privateKey": "b"}',
        MONGODB_ATLAS_PROJECT_ID: id,
      },
      'MONGODB_ATLAS_PRIVATE_API_KEY: holds a JSON object: write one value alone',
    ],
  ])('with %s says so in the names of variables', async (_name, env, message) => {
    const loaded = await load(null, env as Record<string, string>);
    const told = loaded.ok ? '' : formatProblems(loaded.origin, loaded.problems);
    expect(told).toContain(message);
  });
});
