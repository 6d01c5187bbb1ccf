/** Node opens a debugger on SIGUSR1, which runs any code: image and unit switch that off. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeFlags } from '../support/dockerfile.ts';

const root = new URL('../../', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, root), 'utf8');
const unit = read('config/atlas-private-endpoint-exporter.service');
const options = /^Environment=NODE_OPTIONS=(.*)$/m.exec(unit)?.[1] ?? '';

test.each([
  ['the image', nodeFlags, {}],
  ['the systemd unit', [], { NODE_OPTIONS: options }],
])('SIGUSR1 opens no debugger in %s, and ends nothing', async (_, flags, env) => {
  const args = [...flags, 'src/main.ts', 'demo', '--web.listen-address', '127.0.0.1:0'];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } });
  let written = '';
  const started = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      const [, address] = /"addresses":\["([^"]+)"/.exec(written) ?? [];
      if (address !== undefined) started.resolve(address);
    });
  }
  const address = await started.promise;
  child.kill('SIGUSR1');
  // Node would begin to listen at once; an answer after that shows that there was time for it.
  for (let asked = 0; asked < 3; asked += 1) {
    expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(written).not.toContain('Debugger listening');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
