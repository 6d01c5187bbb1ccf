/** Values that are not there: null, and those of the chart before under `helm upgrade --reuse-values`. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ciValues, type Loose, minimalValues, objectOf } from '../../support/chart.ts';
import { chartFolder, type Helm, unpackHelms } from '../../support/helm.ts';

let helms: readonly Helm[];
beforeAll(() => {
  helms = unpackHelms();
});

const values: Loose = parse(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'));
const schema: Loose = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'));

/**
 * What to set to null: each key at the top, each key below it that the schema requires, and all others below one key at
 * once, because a render takes its time.
 */
const cases: readonly (readonly [name: string, paths: readonly (readonly string[])[]])[] = Object.entries<Loose>(
  values,
).flatMap(([top, section]) => {
  const keys = typeof section === 'object' && !Array.isArray(section) ? Object.keys(section ?? {}) : [];
  const required: readonly string[] = schema.properties[top].required ?? [];
  const rest = keys.filter((key) => !required.includes(key) && key !== 'enabled');
  return [
    [top, [[top]]],
    ...keys.filter((key) => !rest.includes(key)).map((key) => [`${top}.${key}`, [[top, key]]] as const),
    ...(rest.length === 0 ? [] : [[`${top}: ${rest.join(', ')}`, rest.map((key) => [top, key])] as const]),
  ];
});

/** Everything is on, so that every template looks at its values. */
const everything: Loose = {
  ...minimalValues,
  ...Object.fromEntries(
    [
      'serviceMonitor',
      'prometheusRule',
      'dashboards',
      'networkPolicy',
      'podDisruptionBudget',
      'verticalPodAutoscaler',
    ].map((name) => [name, { enabled: true }]),
  ),
  ...parse(ciValues['ingress'] ?? ''),
  ...parse(ciValues['http-route'] ?? ''),
  ...parse(ciValues['reachability'] ?? ''),
};

/** The values with null at the paths. */
function without(paths: readonly (readonly string[])[]): object {
  const changed = structuredClone(everything);
  for (const [top = '', key] of paths) {
    if (key === undefined) changed[top] = null;
    else changed[top] = { ...changed[top], [key]: null };
  }
  return changed;
}

// A place and what is missing or wrong there, as either Helm's schema writes it; or one of the chart's own sentences.
const words = /don't meet the specifications of the schema|\n\n[A-Za-z][\w. ]+(?: is | are |: )/;

describe('null in the place of a value renders, or is refused in words', () => {
  test.each(cases)('%s', (_name, paths) => {
    for (const helm of helms) {
      try {
        // Alerts and dashboards are texts of their own.
        const objects = helm
          .template(without(paths))
          .filter((one: Loose) => one.kind !== 'PrometheusRule' && !Object.keys(one.data ?? {})[0]?.endsWith('.json'));
        expect(JSON.stringify(objects)).not.toMatch(/<nil>|<no value>|%!|\bnull\b|=",/);
      } catch (error) {
        if (error instanceof Error && error.name === 'AssertionError') throw error;
        expect(String(error)).toMatch(words);
        expect(String(error)).not.toContain('nil pointer');
      }
    }
  });
});

test('null for one alert gives the words of the schema', () => {
  for (const helm of helms)
    expect(() =>
      helm.template({
        ...minimalValues,
        prometheusRule: { enabled: true, alerts: { AtlasPrivateEndpointPollFailing: null } },
      }),
    ).toThrow(
      /AtlasPrivateEndpointPollFailing'?:? (?:Invalid type. Expected: object, given: null|got null, want object)/,
    );
});

test('--reuse-values from the chart before: what is new has its default', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chart-'));
  try {
    cpSync(chartFolder, folder, { recursive: true });
    // Helm puts the old chart's values in the place of the new one's.
    writeFileSync(
      join(folder, 'values.yaml'),
      readFileSync(new URL('../../fixtures/chart/values-first.yaml', import.meta.url)),
    );
    for (const helm of helms) {
      for (const before of [
        minimalValues,
        {
          ...everything,
          ...{ ingress: undefined, httpRoute: undefined, verticalPodAutoscaler: undefined, reachability: undefined },
        },
      ]) {
        const [old, now] = [folder, chartFolder].map((chart) =>
          helm.template(JSON.parse(JSON.stringify(before)), { chart }),
        );
        // The old values keep the memory that they asked for; the others had no value.
        const shown = (objects: Loose) => {
          const set = objectOf(objects, 'StatefulSet').spec;
          delete set.revisionHistoryLimit;
          delete set.template.spec.containers[0].resources;
          delete objectOf(objects, 'Pod').spec.containers[0].resources;
          return objects;
        };
        expect(shown(old)).toEqual(shown(now));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
