import { beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { ciValues, type Loose, objectOf } from '../../support/chart.ts';
import { type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';
import { type Row, rows, type Text } from './rows.ts';

let helms: readonly Helm[];
let helm: Helm;
beforeAll(() => {
  helms = unpackHelms();
  [helm] = helms as [Helm];
});

/** What stands in the row's field of the row's object; undefined where there is none. */
function read(objects: readonly Rendered[], { object, field }: Row): Loose {
  const [kind, suffix = ''] = object.split(' ');
  const fullname = objectOf(objects, 'StatefulSet').metadata.name;
  const ofKind = objects.filter((one) => one.kind === kind);
  const found = suffix === '' ? ofKind[0] : ofKind.find(({ metadata }) => metadata.name === fullname + suffix);
  const keys = [...field.matchAll(/"([^"]+)"|([^.]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  return keys.reduce((part: Loose, key) => (key === '-1' ? part?.at(-1) : part?.[key]), found);
}

function holds(actual: unknown, gives: unknown): void {
  if (!isText(gives)) expect(actual).toEqual(gives);
  else
    for (const part of gives.parts)
      expect(typeof actual === 'string' ? actual : JSON.stringify(actual)).toContain(part);
}

function isText(gives: unknown): gives is Text {
  return typeof gives === 'object' && gives !== null && 'parts' in gives;
}

describe('what users of such charts expect', () => {
  const rendered = new Map<string, readonly Rendered[]>();
  const render = (helm: Helm, ci: string) => {
    const key = `${helm.major} ${ci}`;
    const objects = rendered.get(key) ?? helm.template(ciValues[ci] ?? '');
    rendered.set(key, objects);
    return objects;
  };

  test.each(rows.map((row) => [`${row.feature} (${row.values.join(', ')})`, row] as const))('%s', (_name, row) => {
    for (const helm of helms) holds(read(render(helm, row.ci), row), row.gives);
  });

  // A row whose field is the same without its values shows nothing: but for those that say what stays as it is.
  test.each(rows.filter(({ feature }) => !feature.startsWith('never')).map((row) => [row.feature, row] as const))(
    'not without its values: %s',
    (_name, row) => {
      const values = parseDocument(ciValues[row.ci] ?? '');
      for (const path of row.values) expect(values.deleteIn(path.split('.')), path).toBe(true);
      expect(() => holds(read(helm.template(values.toJS()), row), row.gives)).toThrow();
    },
  );
});
