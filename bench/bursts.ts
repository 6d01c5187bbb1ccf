/**
 * Asks `connections` times at once over connections that stay open, and again when all are answered, for some seconds; prints
 * a `Latency` of load.ts as JSON. Fails when an answer is not a whole 200.
 *
 * Not a closed loop, in which each asks again as soon as it is answered: there a server may leave some waiting for as long as it
 * is measured, and what they wait for is in no percentile.
 *
 * Usage: node bench/bursts.ts <url> <connections> <seconds> [header]
 */
import { connect, type Socket } from 'node:net';
import { median, percentile } from './figures.ts';

const [target = '', connections = '1', seconds = '1', header = ''] = process.argv.slice(2);
const { hostname, port, pathname, host } = new URL(target);
const request = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${header === '' ? '' : `${header}\r\n`}\r\n`;
/** One for all: what is read is counted and forgotten. */
const buffer = Buffer.alloc(2 ** 20);

interface Reader {
  /** Resolves with the time of the last byte. */
  ask(): Promise<number>;
  close(): void;
}

function open(): Promise<Reader> {
  return new Promise((resolve, reject) => {
    let left = 0;
    let answered = (_at: number) => {};
    let failed: (error: Error) => void = reject;
    const callback = (size: number) => {
      left = (left === 0 ? lengthOf(buffer.toString('latin1', 0, Math.min(size, 4096))) : left) - size;
      if (left === 0) answered(performance.now());
      return true;
    };
    const socket: Socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback } });
    socket.setNoDelay(true);
    socket.on('error', (error) => failed(error));
    socket.on('close', () => failed(new Error(`${target}: closed in an answer`)));
    socket.on('connect', () =>
      resolve({
        ask: () =>
          new Promise((done, fail) => {
            answered = done;
            failed = fail;
            socket.write(request);
          }),
        close: () => socket.destroy(),
      }),
    );
  });
}

/** Of a whole answer, from its first bytes. */
function lengthOf(begin: string): number {
  const body = begin.indexOf('\r\n\r\n') + 4;
  const length = /^content-length: (\d+)/im.exec(begin)?.[1];
  if (!begin.startsWith('HTTP/1.1 200 ') || !length || body < 4) throw new Error(`${target}: ${begin.slice(0, 200)}`);
  return body + Number(length);
}

const readers = await Promise.all(Array.from({ length: Number(connections) }, open));
const taken: number[] = [];
const begun = performance.now();
const until = begun + Number(seconds) * 1000;
do {
  const asked = performance.now();
  for (const answered of await Promise.all(readers.map((reader) => reader.ask()))) taken.push(answered - asked);
} while (performance.now() < until);
const perSecond = taken.length / ((performance.now() - begun) / 1000);
console.log(JSON.stringify({ p50: median(taken), p99: percentile(taken, 0.99), perSecond }));
for (const reader of readers) reader.close();
