import { describe, expect, test } from 'vitest';
import { failureRemedy } from '../../src/atlas/remedy.ts';

describe('what to do', () => {
  const digest = { credential: 'main', type: 'digest' } as const;
  const robot = { credential: 'robot', type: 'serviceAccount' } as const;
  const asked = { role: 'Project Owner', place: 'project 66a1b2c3d4e5f60718293a4b' };
  const told = (status: number, address: string | null = null) => ({ status, address });

  test.each<readonly [string, string, readonly string[]]>([
    [
      'a wrong key',
      failureRemedy('unauthorized', told(401), digest, asked),
      ["publicKey and privateKey of credential 'main'"],
    ],
    ['a wrong secret', failureRemedy('unauthorized', told(401), robot, asked), ["clientSecret of credential 'robot'"]],
    [
      'a missing role',
      failureRemedy('forbidden', told(403), robot, asked),
      ["service account of credential 'robot'", 'the role Project Owner in project 66a1'],
    ],
    ['a suspended organization', failureRemedy('forbidden', told(402), digest, asked), ['unpaid invoice']],
    [
      'an address',
      failureRemedy('ip_access_list', told(403, '203.0.113.24'), digest, asked),
      ['Put 203.0.113.24 on the API access list of the API key', "'main'"],
    ],
    ['an unknown address', failureRemedy('ip_access_list', told(403), digest, asked), ["this exporter's address"]],
    [
      'a project',
      failureRemedy('project_not_found', told(404), digest, asked),
      ['the id of project 66a1b2c3d4e5f60718293a4b'],
    ],
  ])('about %s', (_name, remedy, parts) => {
    for (const part of parts) expect(remedy).toContain(part);
  });
});
