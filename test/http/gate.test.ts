import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGate } from '../../src/http/gate.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function anAnswer() {
  const socket = { bytesWritten: 0, writableLength: 0 };
  const answer = Object.assign(new EventEmitter(), {
    socket,
    req: { socket: { destroyed: false } },
    destroyed: false,
    headersSent: false,
    done: () => {},
    destroy() {
      answer.destroyed = true;
      answer.emit('close');
    },
  });
  return answer;
}
type Fake = ReturnType<typeof anAnswer>;

function setUp() {
  const gate = createGate({ places: 2, waiting: 2, monotonic: () => performance.now() });
  const entered: Fake[] = [];
  const refused: Fake[] = [];
  /** Work that takes no time, unless the test says that it goes on. */
  const enter = (answer = anAnswer(), goesOn = false) => {
    const work = async () => {
      entered.push(answer);
      if (goesOn) await new Promise<void>((resolve) => Object.assign(answer, { done: resolve }));
    };
    void gate.pass(answer as unknown as ServerResponse, work).then((passed) => passed || refused.push(answer));
    return answer;
  };
  return { enter, entered, refused };
}
/** The next one enters after some turns of the event loop. */
const turn = async () => {
  for (let n = 0; n < 20; n++) await vi.advanceTimersByTimeAsync(1);
};

test('so many are under way, so many wait in their order, and the rest is refused', async () => {
  const { enter, entered, refused } = setUp();
  const [a, b, c, d, e] = [enter(), enter(), enter(), enter(), enter()];
  await turn();
  expect(entered).toEqual([a, b]);
  expect(refused).toEqual([e]);
  a.destroy();
  await turn();
  expect(entered).toEqual([a, b, c]);
  b.destroy();
  c.destroy();
  await turn();
  expect(entered).toEqual([a, b, c, d]);
});

test('the next one begins in a later turn, after what came meanwhile', async () => {
  const { enter, entered } = setUp();
  const [a] = [enter(), enter(), enter()];
  await turn();
  a.destroy();
  await Promise.resolve();
  expect(entered).toHaveLength(2);
  await turn();
  expect(entered).toHaveLength(3);
});

test('a place is taken until its work is done, also when its client left before', async () => {
  const { enter, entered } = setUp();
  const [a] = [enter(anAnswer(), true), enter(), enter()];
  a.destroy();
  await turn();
  expect(entered).toHaveLength(2);
  a.done();
  await turn();
  expect(entered).toHaveLength(3);
});

test('for a connection that is gone nothing is done', async () => {
  const { enter, entered, refused } = setUp();
  const gone = anAnswer();
  gone.req.socket.destroyed = true;
  enter(gone);
  const [a, , waiting] = [enter(), enter(), enter()];
  waiting.req.socket.destroyed = true;
  a.destroy();
  await turn();
  expect(entered).toHaveLength(2);
  expect(refused).toEqual([gone, waiting]);
});

test('who leaves while waiting is told so, and leaves the place to others', async () => {
  const { enter, entered, refused } = setUp();
  const [a, , c, d] = [enter(), enter(), enter(), enter()];
  c.destroy();
  await turn();
  expect(refused).toEqual([c]);
  a.destroy();
  await turn();
  expect(entered).toContain(d);
});

test('an answer whose reader takes nothing is cut while others wait, and one that moves is not', async () => {
  const { enter, entered } = setUp();
  const [stuck, moving] = [enter(), enter()];
  for (const answer of [stuck, moving]) answer.headersSent = true;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(stuck.destroyed).toBe(false);
  const waiting = enter();
  for (let second = 0; second < 7; second += 1) {
    moving.socket.bytesWritten += 10;
    // Bytes that only wait in the process have not moved.
    stuck.socket.bytesWritten += 10;
    stuck.socket.writableLength += 10;
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(stuck.destroyed).toBe(true);
  expect(moving.destroyed).toBe(false);
  expect(entered).toContain(waiting);
});

test('an answer that is still being made is not cut for that, and none takes longer than half a minute while others wait', async () => {
  const { enter } = setUp();
  const [made] = [enter(), enter(), enter()];
  await vi.advanceTimersByTimeAsync(20_000);
  expect(made.destroyed).toBe(false);
  await vi.advanceTimersByTimeAsync(12_000);
  expect(made.destroyed).toBe(true);
});
