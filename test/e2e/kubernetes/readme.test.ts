/** The README's own commands, as somebody types them who has only the page. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { createNamespace } from '../../support/cluster/release.ts';
import { chartFolder, type Helm, unpackHelms } from '../../support/helm.ts';
import { until } from '../../support/wait.ts';

const cluster = inject('cluster');
const pages = {
  'README.md': join(chartFolder, '../../README.md'),
  "the chart's README.md": join(chartFolder, 'README.md'),
};

/** The first block that installs; the image is not built here. */
function installCommands(page: string): string {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const block = blocks.find((text) => text.includes('helm install')) ?? '';
  return block
    .split('\n')
    .filter((line) => !line.startsWith('docker '))
    .join('\n')
    .replaceAll('=…', '=abcdefgh')
    .replaceAll(' helm/atlas-private-endpoint-exporter', ` ${chartFolder}`);
}

describe.each([4, 3])('Helm %i', (major) => {
  let helm: Helm;
  beforeAll(() => {
    helm = unpackHelms().find((one) => one.major === major) as Helm;
  });

  test.concurrent.each(Object.entries(pages))('what %s says to install does', async (_, page) => {
    await using namespace = await createNamespace(cluster, helm, { level: 'restricted' });
    const script = installCommands(page);
    expect(script).toMatch(/^kubectl create secret generic atlas-key [^…]*\nhelm install exporter /);
    expect(await namespace.shell(script, {})).toMatchObject({ code: 0, stderr: '' });
    await namespace.ready('exporter');
    const secret = await namespace.kubectl(['get', 'secret', 'atlas-key', '-o', 'jsonpath={.data.public-key}']);
    expect(Buffer.from(secret, 'base64').toString()).toBe('abcdefgh');
    expect(await namespace.helm('uninstall', 'exporter')).toMatchObject({ code: 0 });
    await until('the end of the pods', async () => (await namespace.pods('exporter')).length === 0);
  });
});
