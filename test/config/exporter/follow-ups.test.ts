import { expect, test } from 'vitest';
import type { Finding } from '../../../src/config/exporter/finding.ts';
import { withoutFollowUps } from '../../../src/config/exporter/follow-ups.ts';

const unknown = (path: Finding['path'], near: string | null): Finding => ({
  path,
  code: 'unknown_key',
  near,
  message: '',
});
const shape = (...path: Finding['path']): Finding => ({ path, code: 'shape', message: '' });
const nothing: Finding = { path: ['projects'], code: 'nothing_to_watch' };
const noCredentials: Finding = { path: ['credentials'], code: 'no_credentials' };

test.each<[name: string, raw: unknown, findings: readonly Finding[], left: readonly Finding['code'][]]>([
  ['the file is a list', [], [shape(), nothing, noCredentials], ['shape']],
  ['projects is a text', { projects: 'x' }, [shape('projects'), nothing, noCredentials], ['shape', 'no_credentials']],
  ['projects is misspelt', { projets: [] }, [unknown(['projets'], 'projects'), nothing], ['unknown_key']],
  ['discovery is misspelt', { discover: [] }, [unknown(['discover'], 'discovery'), nothing], ['unknown_key']],
  ['a key that is like none', { x: [] }, [unknown(['x'], null), nothing], ['unknown_key', 'nothing_to_watch']],
  [
    'the id is misspelt',
    { projects: [{ ID: 'a' }] },
    [unknown(['projects', 0, 'ID'], 'id'), shape('projects', 0, 'id')],
    ['unknown_key'],
  ],
  [
    'a misspelt key beside the right one with a bad value',
    { projects: [{ ID: 'a', id: 'b' }] },
    [unknown(['projects', 0, 'ID'], 'id'), shape('projects', 0, 'id')],
    ['unknown_key', 'shape'],
  ],
  [
    'the same slip in another project is told',
    { projects: [{ ID: 'a' }, {}] },
    [unknown(['projects', 0, 'ID'], 'id'), shape('projects', 0, 'id'), shape('projects', 1, 'id')],
    ['unknown_key', 'shape'],
  ],
  [
    'a part of a credential is misspelt',
    {},
    [
      unknown(['credentials', 'a', 'digest', 'privatKey'], 'privateKey'),
      { path: ['credentials', 'a', 'digest'], code: 'missing_part', part: 'privateKey' },
      { path: ['credentials', 'a', 'digest'], code: 'missing_part', part: 'publicKey' },
    ],
    ['unknown_key', 'missing_part'],
  ],
  [
    'a variable is not set',
    { atlas: { baseUrl: '' } },
    [{ path: ['atlas', 'baseUrl'], code: 'unset_variable', variable: 'URL' }, shape('atlas', 'baseUrl')],
    ['unset_variable'],
  ],
])('%s', (_name, raw, findings, left) => {
  expect(withoutFollowUps(findings, raw).map(({ code }) => code)).toEqual(left);
});
