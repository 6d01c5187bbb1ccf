/** Alerts on what answers where the applications run. */
import { expect, test } from 'vitest';
import { aConnection } from '../../support/builders.ts';
import { toProbeSamples } from '../../support/probed-series.ts';
import { askRules, testStories } from '../../support/promtool.ts';
import { toStories } from '../../support/rule-behaviours.ts';
import { alertFiles } from '../../support/rule-files.ts';
import { projectId, startMinute, tell } from '../../support/rule-story.ts';
import { clusterSources } from './stories/clusters.ts';
import { reachabilityTold } from './stories/reachability.ts';

test('what does not answer, what answers otherwise, and what nobody probes', async () => {
  expect(await testStories(await toStories(reachabilityTold, clusterSources))).toBe('');
}, 300_000);

const certificateEnd = 60 * startMinute + 60 * 86_400;

test('where no exporter is scraped the alert stands by its ids, and two exporters of a project are one alert', async () => {
  const probed = [
    { address: 'pl-0:1024', projectId: projectId('payments'), cluster: 'orders', answer: 'none', certificateEnd },
  ] as const;
  const minutes = 10;
  const alone = new Map(
    toProbeSamples(probed).map(([name, value]) => [
      name,
      [...Array(startMinute).fill(null), ...Array(minutes).fill(value)],
    ]),
  );
  const told = await tell([{ minutes, polls: { 'payments/AWS': [aConnection('c1')] }, probed }]);
  const other = [...told].map(([name, values]) => [name.replace('job="atlas"', 'job="second"'), values] as const);
  const fired = 'count by (alertname, job, cluster_name) (ALERTS{alertstate="firing", prober!=""})';
  const ask = (series: Parameters<typeof askRules>[0]) =>
    askRules(series, [[fired, minutes - 1]], { files: alertFiles, seconds: 60 });
  const labels = 'alertname="AtlasPrivateEndpointUnreachable", cluster_name="orders"';
  expect(await ask(alone)).toEqual([`{${labels}} 1E+00`]);
  expect(await ask(new Map([...told, ...other]))).toEqual([
    expect.stringMatching(`^{${labels}, job="(atlas|second)"} 1E\\+00$`),
  ]);
});

test('for seven days whoever stopped probing is reminded of it, and no longer', async () => {
  const told = await tell([{ minutes: 1, polls: { 'payments/AWS': [] }, own: { targets: 2 } }]);
  const minutes = 8 * 24 * 60;
  const exporter = [...told].map(([name, values]) => [name, Array(minutes).fill(values.at(-1))] as const);
  const probed = toProbeSamples([
    { address: 'pl-0:1024', projectId: projectId('payments'), cluster: 'orders', answer: 'all', certificateEnd },
  ]).map(([name, value]) => [name, [...Array(60).fill(value), ...Array(minutes - 60).fill(null)]] as const);
  const fired = 'count(ALERTS{alertstate="firing", alertname="AtlasPrivateEndpointNotProbed"})';
  const day = 24 * 60;
  const at = [60 + 10, 60 + 25, 60 + 7 * day - 30, 60 + 7 * day + 30].map((minute) => minute - startMinute);
  const answers = await askRules(
    new Map([...exporter, ...probed]),
    at.map((minute) => [fired, minute]),
    { files: alertFiles.filter((file) => /(sources|reachability)\.yaml$/.test(file)), seconds: 300 },
  );
  expect(answers).toEqual(['nil', '{} 1E+00', '{} 1E+00', 'nil']);
});
