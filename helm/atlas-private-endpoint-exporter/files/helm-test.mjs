// `helm test`: asks each shard for its metrics, again and again until all is well or the time is over.
import { existsSync, readFileSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

const { TARGETS, TIMEOUT_SECONDS, TLS_SERVER_NAME, TLS_INSECURE, SECRETS = '/var/run/secrets/test' } = process.env;
const targets = TARGETS.split(' ');
const secret = (name) => (existsSync(`${SECRETS}/${name}`) ? readFileSync(`${SECRETS}/${name}`, 'utf8').trim() : undefined);
const user = secret('auth/username');
const options = {
  timeout: 10_000,
  ca: secret('ca/ca.crt'),
  cert: secret('client/tls.crt'),
  key: secret('client/tls.key'),
  servername: TLS_SERVER_NAME || undefined,
  rejectUnauthorized: TLS_INSECURE !== 'true',
  auth: user === undefined ? undefined : `${user}:${secret('auth/password')}`,
};

const scrape = async (url) => {
  const { promise, resolve, reject } = Promise.withResolvers();
  const request = (url.startsWith('https:') ? overHttps : overHttp)(url, options, resolve);
  request.on('timeout', () => request.destroy(new Error('does not answer')));
  request.on('error', reject);
  request.end();
  const answer = await promise;
  const pieces = await Array.fromAsync(answer);
  if (answer.statusCode !== 200) throw new Error(`answers ${answer.statusCode}`);
  return Buffer.concat(pieces).toString('utf8');
};

// The samples of a family, as lines.
const samples = (text, family) => text.split('\n').filter((line) => line.startsWith(`${family}{`) || line.startsWith(`${family} `));
const value = (line) => Number(line?.slice(line.lastIndexOf(' ') + 1));

// What is wrong with a shard; nothing when all is well.
const troublesOf = (text, ordinal) => {
  const own = (name) => samples(text, `mongodb_atlas_exporter_${name}`);
  const troubles = [];
  if (own('build_info').length !== 1) troubles.push('these are not the metrics of the exporter');
  if (value(own('shard_ordinal')[0]) !== ordinal) troubles.push(`is not shard ${ordinal}`);
  if (value(own('total_shards')[0]) !== targets.length) troubles.push(`does not know of ${targets.length} shards`);
  if (value(own('config_last_reload_successful')[0]) !== 1) troubles.push('could not reload its config');
  for (const line of own('source_up')) if (value(line) !== 1) troubles.push(`down: ${line}`);
  for (const line of own('source_failure')) troubles.push(`why: ${line}`);
  return troubles;
};

const look = async (url, ordinal) => {
  try {
    const text = await scrape(url);
    return { troubles: troublesOf(text, ordinal), sources: samples(text, 'mongodb_atlas_exporter_source_up').length };
  } catch (error) {
    return { troubles: [error.message || error.code], sources: 0 };
  }
};

const deadline = Date.now() + Number(TIMEOUT_SECONDS) * 1_000;
for (;;) {
  const seen = await Promise.all(targets.map(look));
  const troubles = seen.flatMap(({ troubles }, ordinal) => troubles.map((trouble) => `${targets[ordinal]}: ${trouble}`));
  const sources = seen.reduce((sum, shard) => sum + shard.sources, 0);
  if (sources === 0) troubles.push('Nothing is watched');
  if (troubles.length === 0) {
    console.log(`${targets.length} of ${targets.length} shards answer; ${sources} of ${sources} sources are up`);
    break;
  }
  if (Date.now() >= deadline) {
    for (const trouble of troubles) console.error(trouble);
    process.exitCode = 1;
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}
