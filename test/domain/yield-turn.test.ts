import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { yieldTurn, yieldTurns } from '../../src/domain/yield-turn.ts';

const crowd = 320;

/** Pieces of work that are done while a crowd that waits at the port is let in. */
async function piecesUntilAllAreIn(between: () => Promise<void>): Promise<number> {
  let entered = 0;
  const server = createServer((socket) => {
    entered += 1;
    socket.on('error', () => {});
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = Array.from({ length: crowd }, () => connect(port, '127.0.0.1').on('error', () => {}));
  let pieces = 0;
  for (; entered < crowd && pieces < 2 * crowd; pieces++) await between();
  for (const client of clients) client.destroy();
  server.close();
  expect(entered).toBe(crowd);
  return pieces;
}

test('a crowd at the port waits for few pieces of work, and not for as many as it has heads', async () => {
  const many = await piecesUntilAllAreIn(yieldTurns);
  expect(many).toBeLessThan(crowd / 8);
  // One turn lets in one: this is why there are sixteen.
  expect(await piecesUntilAllAreIn(yieldTurn)).toBeGreaterThan(crowd / 2);
});
