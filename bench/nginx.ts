/** Debian's nginx, one worker, with the bytes of an answer as a file: what a scrape cannot be faster than. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Running, Stage } from './processes.ts';

export interface Nginx extends Running {
  readonly plain: string;
  readonly zipped: string;
}

export async function startNginx(stage: Stage, plain: Buffer, zipped: Buffer): Promise<Nginx> {
  const root = join(stage.folder, 'www');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'plain'), plain);
  writeFileSync(join(root, 'zipped'), zipped);
  const port = await freePort();
  const config = join(stage.folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(stage.folder, name)};`)
    .join(' ');
  writeFileSync(
    config,
    `user ${userInfo().username}; worker_processes 1; daemon off; pid ${join(stage.folder, 'nginx.pid')}; error_log stderr crit;
events { worker_connections 4096; }
http {
  ${temporary}
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; default_type text/plain;
  server {
    listen 127.0.0.1:${port} backlog=4096; root ${root};
    location = /zipped { add_header Content-Encoding gzip; }
  }
}
`,
  );
  // It says nothing when it is ready, so the shell does, once the port answers.
  const ready = `nginx -c ${config} & trap 'kill $!' TERM; until (: > /dev/tcp/127.0.0.1/${port}) 2>/dev/null; do sleep 0.05; done; echo ready; wait`;
  const running = await stage.start('bash', ['-c', ready], /ready/);
  const url = `http://127.0.0.1:${port}`;
  return { ...running, plain: `${url}/plain`, zipped: `${url}/zipped` };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
