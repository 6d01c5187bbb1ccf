/** One thing that is wrong is one alert, whatever else is true of it; and what is wrong for long stays told. */
import { expect, test } from 'vitest';
import type { Kind } from '../../../src/domain/status.ts';
import { aConnection, anInterfaceEndpoint, aSource } from '../../support/builders.ts';
import { type Firing, testStories } from '../../support/promtool.ts';
import { onConnection, type Told, toStories, unreachable } from '../../support/rule-behaviours.ts';
import { type Phase, projectId } from '../../support/rule-story.ts';

const errorMessage = 'The link is broken.';
const polls = (...connections: readonly ReturnType<typeof aConnection>[]) => ({ 'payments/AWS': connections });
const available = aConnection('c1');

function fires(alertname: string, severity: string, from: number, until?: number): Firing {
  return { labels: onConnection(alertname, severity), from, ...(until === undefined ? {} : { until }) };
}
function story(name: string, phases: readonly Phase[], ...firing: readonly Firing[]): Told {
  return { name, phases, firing };
}

test.concurrent('one alert for each', async () => {
  const told = [
    story(
      'stuck with an error',
      [{ minutes: 80, polls: polls(aConnection('c1', { status: 'INITIATING', errorMessage })) }],
      fires('ErrorPresent', 'warning', 5),
    ),
    story(
      'waiting with an error',
      [{ minutes: 80, polls: polls(aConnection('c1', { status: 'WAITING_FOR_USER', errorMessage })) }],
      fires('ErrorPresent', 'warning', 5),
    ),
    story(
      'lost with an error',
      [
        { minutes: 10, polls: polls(available) },
        { minutes: 80, polls: polls(aConnection('c1', { status: 'INITIATING', errorMessage })) },
      ],
      fires('AvailabilityLost', 'critical', 13),
    ),
    story(
      'an error that becomes a failure',
      [
        { minutes: 10, polls: polls(available) },
        { minutes: 10, polls: polls(aConnection('c1', { errorMessage })) },
        { minutes: 10, polls: polls(aConnection('c1', { status: 'FAILED', errorMessage })) },
      ],
      fires('ErrorPresent', 'warning', 15, 22),
      fires('Failed', 'critical', 22),
    ),
    story(
      'an interface endpoint that is being deleted with its connection',
      [
        {
          minutes: 140,
          polls: polls(
            aConnection('c1', {
              status: 'DELETING',
              interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'DELETING' })],
            }),
          ),
        },
      ],
      fires('Stuck', 'warning', 126),
    ),
    story(
      'a connection that fails says it for its interface endpoint',
      [
        { minutes: 10, polls: polls(available) },
        {
          minutes: 10,
          polls: polls(
            aConnection('c1', {
              status: 'FAILED',
              interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'REJECTED' })],
            }),
          ),
        },
      ],
      fires('Failed', 'critical', 12),
    ),
  ];
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('two pods for long, that disagree on the name of the project', async () => {
  const names = { a: { payments: 'old' } };
  const bad = polls(aConnection('c1', { status: 'FAILED' }));
  const told = [
    story(
      'the newer one is believed',
      [
        { minutes: 1, polls: bad, pods: ['a'], names },
        { minutes: 30, polls: bad, pods: ['a', 'b'], names },
      ],
      fires('Failed', 'critical', 2),
    ),
  ];
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('two exporters that watch the same project do not disturb each other', async () => {
  const phases: readonly Phase[] = [
    { minutes: 10, polls: polls(available) },
    { minutes: 10, polls: polls(aConnection('c1', { status: 'FAILED', errorMessage })) },
    { minutes: 30, polls: { 'payments/AWS': 'timeout' } },
  ];
  const firing = [fires('Failed', 'critical', 12), unreachable(25)];
  const [alone] = await toStories([story('watched twice', phases, ...firing)]);
  if (!alone) throw new Error('No story');
  const second = [...alone.series].map(
    ([name, values]) => [name.replace('job="atlas"', 'job="second"'), values] as const,
  );
  expect(await testStories([{ ...alone, series: new Map([...alone.series, ...second]) }])).toBe('');
});

test.concurrent('other kinds have times and words of their own', async () => {
  const of = async (kind: Kind, cloudProvider: 'AWS' | '', status: string, alertname: string, from: number) => {
    const { cloud_provider: _, ...labels } = { ...onConnection(alertname, 'warning'), kind };
    const firing = [{ labels: cloudProvider === '' ? labels : { ...labels, cloud_provider: cloudProvider }, from }];
    const told = story(
      `${kind}: ${status}`,
      [{ minutes: 200, polls: polls(aConnection('c1', { status })) }],
      ...firing,
    );
    const source = aSource({ projectId: projectId('payments'), kind, cloudProvider });
    return toStories([told], { 'payments/AWS': source });
  };
  const stories = await Promise.all([
    of('streams', '', 'WORKING', 'Stuck', 126),
    of('data_federation', '', 'PENDING', 'Stuck', 66),
    of('encryption_at_rest', 'AWS', 'PENDING_ACCEPTANCE', 'WaitingForUser', 30),
    of('encryption_at_rest', 'AWS', 'PENDING_RECREATION', 'Stuck', 66),
    of('backup', 'AWS', 'PENDING_ACCEPTANCE', 'WaitingForUser', 30),
    of('streams', '', 'DELETE_REQUESTED', 'Stuck', 126),
  ]);
  expect(await testStories(stories.flat())).toBe('');
});
