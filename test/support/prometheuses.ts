/** The Prometheuses that suites run on: the oldest that is promised, and today's. Every suite that asks one runs on each. */
import { spawnSync } from 'node:child_process';
import { provideTool } from '../tools/provide.ts';
import { versionOf } from '../tools/tools.ts';

/** What belongs together, as paths. */
export interface Programs {
  readonly prometheus: string;
  readonly promtool: string;
  readonly alertmanager: string;
  readonly amtool: string;
}

export interface PrometheusVersion {
  /** The project of vitest: `--project prometheus-3`. */
  readonly name: string;
  readonly version: string;
  /** What `--enable-feature` switches on in Prometheus, and what of it promtool knows too. */
  readonly features: readonly string[];
  readonly promtoolFeatures: readonly string[];
  /** Throws an Error that says what to do when one of them cannot be had. */
  provide(): Programs;
}

const oldest = '2.42.0';

export const prometheuses: readonly PrometheusVersion[] = [
  { name: 'prometheus-2', version: oldest, features: [], promtoolFeatures: [], provide: provideDebians },
  {
    name: 'prometheus-3',
    version: versionOf('prometheus'),
    features: ['promql-delayed-name-removal', 'concurrent-rule-eval', 'type-and-unit-labels'],
    promtoolFeatures: ['promql-delayed-name-removal'],
    provide() {
      const { prometheus = '', promtool = '' } = provideTool('prometheus');
      const { alertmanager = '', amtool = '' } = provideTool('alertmanager');
      return { prometheus, promtool, alertmanager, amtool };
    },
  },
];

function provideDebians(): Programs {
  const prometheus = '/usr/bin/prometheus';
  const { stdout = '', stderr = '', error } = spawnSync(prometheus, ['--version'], { encoding: 'utf8' });
  const found = /version (\d+\.\d+\.\d+)/.exec(stdout + stderr)?.[1];
  if (found !== oldest) {
    throw new Error(
      `Prometheus ${oldest} is wanted as "${prometheus}", and there is ${found ?? error?.message}. ` +
        'Install the package "prometheus" of Debian 12',
    );
  }
  return {
    prometheus,
    promtool: '/usr/bin/promtool',
    alertmanager: '/usr/bin/prometheus-alertmanager',
    amtool: '/usr/bin/amtool',
  };
}
