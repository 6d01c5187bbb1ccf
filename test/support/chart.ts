import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartFolder, type Rendered } from './helm.ts';

/** The chart's `ci/*-values.yaml`, by name: each turns on one feature. */
export const ciValues: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(join(chartFolder, 'ci')).map((name) => [
    name.replace('-values.yaml', ''),
    readFileSync(join(chartFolder, 'ci', name), 'utf8'),
  ]),
);

// biome-ignore lint/suspicious/noExplicitAny: a rendered object is whatever the template says it is
export type Loose = any;

export const objectOf = (objects: readonly Rendered[], kind: string): Loose =>
  objects.find((object) => object.kind === kind);

/** The ConfigMap with the exporter's config file. */
export const configMapOf = (objects: readonly Rendered[]): Loose =>
  objects.find(({ kind, data }: Loose) => kind === 'ConfigMap' && data['exporter.yaml'] !== undefined);

/** The spec of the exporter's pods. */
export const podOf = (objects: readonly Rendered[]): Loose => objectOf(objects, 'StatefulSet').spec.template.spec;

/** Every pod of the release with its metadata: those of the StatefulSet, and that of `helm test`. */
export const podsOf = (objects: readonly Rendered[]): readonly Loose[] =>
  objects.flatMap((object: Loose) =>
    object.kind === 'Pod' ? [object] : object.kind === 'StatefulSet' ? [object.spec.template] : [],
  );

/** The smallest use of the chart. */
export const minimalValues = {
  credentials: { existingSecret: 'atlas-key' },
  config: { projects: [{ id: '5df264b8f10fab7d2cad2f0d' }] },
};
