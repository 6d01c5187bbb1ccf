/** Alerts on the state of connections and interface endpoints, each through every story of support/rule-behaviours.ts. */
import { expect, test } from 'vitest';
import { testStories } from '../../support/promtool.ts';
import { stateTold, toStories } from '../../support/rule-behaviours.ts';
import { stateAlerts } from './stories/state.ts';

test.concurrent.each(Object.entries(stateAlerts))('%s', async (_name, alert) => {
  const sources = alert.source && { 'payments/AWS': alert.source };
  expect(await testStories(await toStories(stateTold(alert), sources))).toBe('');
});
