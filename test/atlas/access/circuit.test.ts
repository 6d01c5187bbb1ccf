import { describe, expect, test } from 'vitest';
import { createCircuit } from '../../../src/atlas/access/circuit.ts';
import { AtlasError } from '../../../src/atlas/error.ts';
import { reasonOf } from '../../support/atlas.ts';

const open = new AbortController().signal;
const wrong = new AtlasError({ reason: 'unauthorized', detail: 'Atlas answered 401', status: 401 });
const other = (reason: AtlasError['reason'], status?: number, errorCode?: string) =>
  new AtlasError({ reason, detail: 'x', ...(status && { status }), ...(errorCode && { errorCode }) });

function circuitAt(start = 0) {
  const time = { now: start };
  return { time, circuit: createCircuit({ wall: () => time.now, monotonic: () => time.now }) };
}

/** Work that is begun and ended by the test. */
function task() {
  const state = { begun: false };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let heard: (status: number) => void = () => {};
  return {
    state,
    resolve,
    reject,
    hear: (status: number) => heard(status),
    work(tell: (status: number) => void) {
      state.begun = true;
      heard = tell;
      return promise;
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('an untried key', () => {
  test('is tried by one; the first answer lets the others in', async () => {
    const { circuit } = circuitAt();
    const [first, second] = [task(), task()];
    const all = [circuit.enter(first.work, open), circuit.enter(second.work, open)];
    await turn();
    expect([first.state.begun, second.state.begun]).toEqual([true, false]);
    first.hear(200);
    await turn();
    expect(second.state.begun).toBe(true);
    first.resolve('a');
    second.resolve('b');
    expect(await Promise.all(all)).toEqual(['a', 'b']);
  });

  test('that is wrong is wrong for all who waited, and none of them works', async () => {
    const { circuit } = circuitAt();
    const first = task();
    const others = Array.from({ length: 10 }, task);
    const trial = reasonOf(circuit.enter(first.work, open));
    const waiting = others.map(({ work }) => reasonOf(circuit.enter(work, open)));
    first.hear(401);
    first.reject(wrong);
    expect(await trial).toBe('unauthorized');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['unauthorized']));
    expect(others.some(({ state }) => state.begun)).toBe(false);
  });

  test.each([other('network'), other('timeout'), other('server_error', 503)])(
    'of which nothing is learned holds up nobody: $reason',
    async (error) => {
      const { circuit } = circuitAt();
      const [first, second, third] = [task(), task(), task()];
      const trial = reasonOf(circuit.enter(first.work, open));
      void circuit.enter(second.work, open);
      void circuit.enter(third.work, open);
      first.reject(error);
      expect(await trial).toBe(error.reason);
      await turn();
      expect([second.state.begun, third.state.begun]).toEqual([true, true]);
    },
  );

  test('is tried by the next when the trial is given up', async () => {
    const { circuit } = circuitAt();
    const controller = new AbortController();
    const [first, second, third] = [task(), task(), task()];
    const trial = circuit.enter(first.work, controller.signal).catch(() => 'ended');
    void circuit.enter(second.work, open);
    void circuit.enter(third.work, open);
    controller.abort();
    first.reject(other('internal'));
    expect(await trial).toBe('ended');
    await turn();
    expect([second.state.begun, third.state.begun]).toEqual([true, false]);
  });

  test('is waited for no longer than the one who waits wants', async () => {
    const { circuit } = circuitAt();
    const controller = new AbortController();
    void circuit.enter(task().work, open);
    const waiting = circuit.enter(task().work, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('a wrong key', () => {
  const refuse = async (circuit: ReturnType<typeof createCircuit>, error: AtlasError = wrong) =>
    reasonOf(circuit.enter(() => Promise.reject(error), open));

  test('is probed once a minute, whatever the probe comes to', async () => {
    const { time, circuit } = circuitAt();
    let worked = 0;
    const poll = (error: AtlasError) =>
      reasonOf(
        circuit.enter(async () => {
          worked++;
          throw error;
        }, open),
      );
    for (const error of [wrong, wrong, other('network'), other('network'), wrong]) {
      await Promise.all([poll(error), poll(error), poll(error)]);
      time.now += 60_000;
    }
    expect(worked).toBe(5);
  });

  test('says so, and that it is tried again', async () => {
    const { circuit } = circuitAt();
    await refuse(circuit);
    await expect(circuit.enter(task().work, open)).rejects.toMatchObject({
      reason: 'unauthorized',
      detail: 'Atlas answered 401; tried again once a minute',
    });
  });

  test('is right again with the first probe that succeeds', async () => {
    const { time, circuit } = circuitAt();
    await refuse(circuit);
    time.now = 60_000;
    expect(
      await circuit.enter(async (heard) => {
        heard(200);
        return 'a';
      }, open),
    ).toBe('a');
    expect(await circuit.enter(async () => 'b', open)).toBe('b');
  });

  test.each([
    ['another role', other('forbidden', 403, 'ACCESS_FORBIDDEN'), 'let in'],
    ['a project that is not there', other('project_not_found', 404, 'GROUP_NOT_FOUND'), 'let in'],
    ['trouble of Atlas', other('server_error', 500, 'UNEXPECTED_ERROR'), 'kept out'],
  ])('%s proves what it proves', async (_name, error, then) => {
    const { time, circuit } = circuitAt();
    await refuse(circuit);
    time.now = 60_000;
    await refuse(circuit, error);
    const next = await circuit.enter(async () => 'let in', open).catch(() => 'kept out');
    expect(next).toBe(then);
  });

  test('that is replaced is forgotten, also what is heard of it later', async () => {
    const { circuit } = circuitAt();
    const late = task();
    const old = reasonOf(circuit.enter(late.work, open));
    circuit.reset();
    expect(await circuit.enter(async () => 'new', open)).toBe('new');
    late.reject(wrong);
    expect(await old).toBe('unauthorized');
    expect(await circuit.enter(async () => 'still', open)).toBe('still');
  });
});
