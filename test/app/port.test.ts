import { expect, test } from 'vitest';
import { createPort } from '../../src/app/port.ts';
import type { WebServer } from '../../src/http/server.ts';

function fakeServer() {
  const graces: number[] = [];
  const server: WebServer = {
    addresses: ['127.0.0.1:1'],
    reconfigure: () => ({ ok: true }),
    close: async (graceMs) => void graces.push(graceMs),
  };
  return { server, graces };
}
const web = { tls: null, headers: {}, users: new Map(), openPaths: [] };

test('closes what it opened, with the grace that is left then', async () => {
  const { server, graces } = fakeServer();
  let graceMs = 0;
  {
    await using port = createPort(() => graceMs);
    expect(await port.open(async () => server)).toEqual(['127.0.0.1:1']);
    expect(port.reconfigure(web)).toEqual({ ok: true });
    graceMs = 3_500;
  }
  expect(graces).toEqual([3_500]);
});

test('can be closed without having been opened, or after the opening failed', async () => {
  await using port = createPort(() => 0);
  expect(port.reconfigure(web)).toEqual({ ok: false, problem: 'The port is not open yet' });
  await expect(port.open(() => Promise.reject(new Error('in use')))).rejects.toThrow('in use');
});
