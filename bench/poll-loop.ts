/**
 * One way of polling, one poll after the other, in a process of its own: prints CPU and wall ms per poll, and requests.
 * Usage: node bench/poll-loop.ts <ours|bare> <url> <projects> <rounds>. Both ask the same, with the same authorisation.
 */
import { Agent, fetch } from 'undici';
import { createDigestSend } from '../src/atlas/access/digest.ts';
import { createAtlas } from '../src/atlas/atlas.ts';
import { type Plan, plan } from '../src/domain/plan.ts';
import { createFleet } from '../src/polling/fleet.ts';
import { createPoller } from '../src/polling/poller.ts';
import { demoKeys } from '../src/simulator/simulator.ts';
import { aProject } from '../test/support/builders.ts';

const [way = 'ours', url = '', projects = '', rounds = '5'] = process.argv.slice(2);
const clock = { wall: () => Date.now(), monotonic: () => performance.now() };
const { publicKey, privateKey } = demoKeys;
const planned: Plan = plan({
  api: 'v2',
  configured: projects.split(',').map((id) => aProject({ id })),
  discovered: [],
  interfaceEndpoints: true,
});
let requests = 0;
let commits = 0;
let failed = 0;

/** Everything that a poll is, but for the disk: an unchanged poll does not touch it. */
function ours(): (index: number) => Promise<void> {
  const fleet = createFleet();
  fleet.apply(planned);
  const atlas = createAtlas({
    baseUrl: url,
    timeoutMs: 10_000,
    retries: 3,
    concurrency: 32,
    authorities: '',
    credentials: [{ name: 'main', type: 'digest', user: () => publicKey, password: () => privateKey }],
    userAgent: 'atlas-private-endpoint-exporter/bench',
    env: {},
    clock,
    observer: {
      request() {
        requests += 1;
      },
    },
  });
  const poller = createPoller({
    fleet,
    clock,
    fetchReading: atlas.fetchReading,
    failureOf: (thrown) => ({ reason: 'internal', detail: String(thrown), remedy: '' }),
    async commit() {
      commits += 1;
    },
    nextChangeId: () => 0,
    tell: {
      polled(_source, outcome) {
        if (!outcome.ok) failed += 1;
      },
      skipped() {},
      changed() {},
      unknownStatuses() {},
      waiting() {},
      unreadable() {},
      abandoned() {},
    },
  });
  return (index) => poller.poll(planned.sources[index]?.key ?? '');
}

function bare(): (index: number) => Promise<void> {
  const dispatcher = new Agent({ keepAliveTimeout: 75_000 });
  const send = createDigestSend(publicKey, privateKey, async ({ url: asked, headers, signal }) => {
    requests += 1;
    const answer = await fetch(asked, { headers: { ...headers }, signal, dispatcher, redirect: 'manual' });
    return { status: answer.status, headers: answer.headers, body: new Uint8Array(await answer.arrayBuffer()) };
  });
  const get = async (path: string) => {
    const { body, status } = await send({
      operation: '',
      url: `${url}/api/atlas/v2/groups/${path}`,
      method: 'GET',
      headers: { Accept: 'application/vnd.atlas.2023-01-01+json' },
      signal: AbortSignal.timeout(10_000),
    });
    if (status !== 200) failed += 1;
    return JSON.parse(new TextDecoder().decode(body));
  };
  return async (index) => {
    const list = `${planned.projects[index]?.id}/privateEndpoint/AWS/endpointService`;
    for (const { id, interfaceEndpoints } of await get(list)) {
      for (const endpoint of interfaceEndpoints) await get(`${list}/${id}/endpoint/${endpoint}`);
    }
  };
}

const poll = way === 'ours' ? ours() : bare();
const round = async () => {
  for (let index = 0; index < planned.projects.length; index++) await poll(index);
};
// Once to be warm, and so that from then on nothing changes.
await round();
await round();
[requests, commits, failed] = [0, 0, 0];
const start = performance.now();
const cpu = process.cpuUsage();
for (let n = 0; n < Number(rounds); n++) await round();
const { user, system } = process.cpuUsage(cpu);
const polls = Number(rounds) * planned.projects.length;
console.log(
  JSON.stringify({
    cpuMs: (user + system) / 1000 / polls,
    wallMs: (performance.now() - start) / polls,
    requests: requests / polls,
    commits,
    failed,
  }),
);
process.exit(0);
