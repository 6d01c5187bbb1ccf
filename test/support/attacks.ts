/** Clients that ask for more than the exporter can give, each a process of its own: it must not take the event loop of a test. */
import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Starts an attack on a port of this machine. It writes a line when it has begun, and ends after so many ms. `authorization`:
 * the header of somebody who knows a password, where one is asked for.
 */
export function attack(script: string, port: number, ms: number, authorization = ''): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '-e', script, String(port), String(ms), authorization], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** 552 connections that pipeline 30 pages each, again as soon as all of them were closed. */
export const pipelines = `
import { connect } from 'node:net';
const [, port, ms] = process.argv.map(Number);
const known = process.argv[3] === '' ? '' : 'Authorization: ' + process.argv[3] + '\\r\\n';
const request = ('GET / HTTP/1.1\\r\\nHost: localhost\\r\\n' + known + '\\r\\n').repeat(30);
const storm = () => {
  let open = 552;
  for (let n = 0; n < 552; n++) {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(request));
    socket.on('error', () => {}).on('close', () => { open -= 1; if (open === 0) setTimeout(storm, 1000); }).resume();
  }
};
storm();
console.log('begun');
setTimeout(() => process.exit(), ms);
`;

/** 400 clients that ask for pages and JSON without end; says at the end what was answered. */
export const readers = `
import { Agent, get } from 'node:http';
const [, port, ms] = process.argv.map(Number);
const agent = new Agent({ keepAlive: true, maxSockets: 400 });
const headers = process.argv[3] === '' ? {} : { Authorization: process.argv[3] };
const counted = {};
const end = performance.now() + ms;
const paths = ['/', '/?range=7d', '/api/v1/connections?limit=1000', '/api/v1/changes?limit=1000'];
const again = (n) => {
  if (performance.now() > end) return;
  get({ host: '127.0.0.1', port, path: paths[n % paths.length], agent, headers }, (response) => {
    counted[response.statusCode] = (counted[response.statusCode] ?? 0) + 1;
    response.on('end', () => again(n + 1)).on('error', () => again(n + 1)).resume();
  }).on('error', () => setTimeout(again, 10, n + 1));
};
for (let n = 0; n < 400; n++) again(n);
console.log('begun');
setTimeout(() => { console.log(JSON.stringify(counted)); process.exit(); }, ms + 500);
`;

/** 8 clients that guess a password without end. */
export const guessers = `
import { get } from 'node:http';
const [, port, ms] = process.argv.map(Number);
const end = performance.now() + ms;
const guess = (n) => {
  if (performance.now() > end) return;
  const headers = { Authorization: 'Basic ' + Buffer.from('scraper:guess ' + n).toString('base64') };
  const again = () => guess(n + 8);
  get({ host: '127.0.0.1', port, path: '/metrics', headers }, (answer) => answer.on('end', again).resume()).on('error', again);
};
for (let n = 0; n < 8; n++) guess(n);
console.log('begun');
setTimeout(() => process.exit(), ms);
`;
