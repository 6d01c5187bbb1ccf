import { expect, test } from 'vitest';
import { crossChecks } from '../../../src/config/exporter/checks.ts';
import { checkSchedule } from '../../../src/polling/cron.ts';

const key = { digest: { publicKey: 'a', privateKey: 'b' } };
const account = { serviceAccount: { clientId: 'a', clientSecret: 'b' } };
const found = (raw: unknown) => crossChecks(raw, checkSchedule).map(({ path, code }) => `${path.join('.')} ${code}`);

test.each<[name: string, raw: unknown, expected: readonly string[]]>([
  ['a good config', { credentials: { main: key }, projects: [{ id: 'a' }] }, []],
  ['nothing', {}, ['projects nothing_to_watch', 'credentials no_credentials']],
  ['no shape at all', 7, ['projects nothing_to_watch', 'credentials no_credentials']],
  [
    'the same project twice, in other letters',
    { credentials: { main: key }, projects: [{ id: 'ab' }, { id: 'c' }, { id: 'AB' }] },
    ['projects.2.id listed_twice'],
  ],
  [
    'the same organization twice',
    { credentials: { main: key }, discovery: [{ organization: 'a' }, { organization: 'a' }] },
    ['discovery.1.organization listed_twice'],
  ],
  [
    'credentials of every bad form',
    { credentials: { a: {}, b: { ...key, ...account }, c: { digest: {} } }, projects: [{ id: 'a', credential: 'a' }] },
    [
      'credentials.a no_credential_type',
      'credentials.b two_credential_types',
      'credentials.c.digest missing_part',
      'credentials.c.digest missing_part',
    ],
  ],
  [
    'a hundred projects with one unknown credential',
    {
      credentials: { a: key, b: key },
      projects: Array.from({ length: 100 }, (_, id) => ({ id: String(id), credential: 'c' })),
    },
    ['projects.0.credential unknown_credential'],
  ],
  [
    'a hundred projects that need a credential',
    { credentials: { a: key, b: key }, projects: Array.from({ length: 100 }, (_, id) => ({ id: String(id) })) },
    ['projects.0 needs_credential'],
  ],
  [
    'v1.0 with what it does not know',
    {
      atlas: { api: 'v1.0' },
      credentials: { a: account },
      projects: [{ id: 'a', kinds: ['streams'], providers: ['AWS', 'GCP'] }],
    },
    ['credentials.a older_api_account', 'projects.0.kinds older_api_list', 'projects.0.providers older_api_list'],
  ],
  [
    'schedules and the time zone',
    {
      credentials: { a: key },
      poll: { schedule: 'x', timezone: 'y', fastSchedule: false },
      projects: [{ id: 'a', schedule: '*/7 * * * *' }],
      discovery: [{ organization: 'a', schedule: '0 0 * * *' }],
    },
    ['poll.schedule bad_schedule', 'projects.0.schedule bad_schedule', 'poll.timezone bad_timezone'],
  ],
  [
    'labels',
    { credentials: { a: key }, projects: [{ id: 'a', labels: { job: '', '1a': '', __a: '', team: '' } }] },
    ['projects.0.labels.1a bad_label', 'projects.0.labels.job own_label', 'projects.0.labels.__a bad_label'],
  ],
])('%s', (_name, raw, expected) => {
  expect(found(raw).toSorted()).toEqual(expected.toSorted());
});
