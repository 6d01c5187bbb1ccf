import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { simulatorConfig } from './support/daemon.ts';

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends a process that waits for Atlas, with the exit code of shells', async (signal, exitCode) => {
  // Takes every connection and never answers.
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  const folder = mkdtempSync(join(tmpdir(), 'main-'));
  const file = join(folder, 'exporter.yaml');
  writeFileSync(file, simulatorConfig(`http://127.0.0.1:${port}`, ['5df264b8f10fab7d2cad2f0d']));
  const main = new URL('../src/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main, 'check', '--online', '--config.file', file], { stdio: 'ignore' });
  try {
    const [socket] = await once(server, 'connection');
    child.kill(signal);
    // By an exit of its own: what kills another process would not kill the first one of a container.
    expect(await once(child, 'exit')).toEqual([exitCode, null]);
    socket.destroy();
  } finally {
    child.kill('SIGKILL');
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
