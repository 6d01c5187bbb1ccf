/**
 * The health check of the image, `node dist/health-check.js [port]`: ends with 0 while the exporter of this container
 * works. TLS and a route prefix are found: below a prefix the exporter redirects `/` to it. Where a password or a
 * certificate is wanted first, an exporter that asks for it is all that can be seen, and counts as one that works.
 */
import http from 'node:http';
import https from 'node:https';

const [port = '27900'] = process.argv.slice(2);
const working = [200, 401, 403];

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
}

/** Rejects when nothing answers, or not in this protocol. */
function ask(client: typeof http | typeof https, path: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = client.get(
    { host: '127.0.0.1', port, path, rejectUnauthorized: false, timeout: 2_000, agent: false },
    (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, location: answer.headers.location });
    },
  );
  request.on('error', reject);
  request.on('timeout', () => request.destroy(new Error('No answer in time')));
  return promise;
}

async function check(client: typeof http | typeof https): Promise<Answer> {
  const healthy = '/-/healthy';
  const plain = await ask(client, healthy);
  if (plain.status === 200 || plain.status === 503) return plain;
  const root = await ask(client, '/');
  if (root.status !== 302 || root.location === undefined) return plain;
  return ask(client, root.location.replace(/\/$/, healthy));
}

try {
  const { status } = await check(http).catch(() => check(https));
  console.log(`Answered ${status}`);
  process.exitCode = working.includes(status) ? 0 : 1;
} catch (thrown) {
  console.log(thrown instanceof Error ? thrown.message : 'No answer');
  process.exitCode = 1;
}
