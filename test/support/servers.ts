import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface DigestServer extends AsyncDisposable {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** How many connections the server holds now. */
  connections(): number;
}

const user = 'publickey';
const password = 'private-key-0001';

/** Apache with mod_auth_digest in front of one v2 list. `directives` stand beside its AuthType. */
export async function startApache(target: string, directives: readonly string[]): Promise<DigestServer> {
  const realm = 'MMS Public API';
  return start(target, 'apache2', ['-X', '-f'], realm, (home, port) => {
    writeFileSync(join(home, 'users'), `${user}:${realm}:${hash('md5', `${user}:${realm}:${password}`)}\n`);
    const modules = [
      'mpm_event',
      'authn_core',
      'authn_file',
      'authz_core',
      'authz_user',
      'auth_digest',
      'socache_shmcb',
    ];
    return [
      `ServerRoot ${home}`,
      'ServerName localhost',
      `Listen 127.0.0.1:${port}`,
      `PidFile ${home}/pid`,
      `ErrorLog ${home}/error.log`,
      `DefaultRuntimeDir ${home}`,

      ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
      // Room for every lane: with the default of 1,000 bytes Apache forgets clients while they ask.
      'AuthDigestShmemSize 1M',
      'User www-data',
      'Group www-data',
      'AllowEncodedSlashes NoDecode',
      'MaxKeepAliveRequests 0',
      'KeepAliveTimeout 60',
      `DocumentRoot ${home}/root`,
      `<Directory ${home}/root>`,
      '  AuthType Digest',
      `  AuthName "${realm}"`,
      '  AuthDigestProvider file',
      `  AuthUserFile ${home}/users`,
      ...directives.map((directive) => `  ${directive}`),
      '  Require valid-user',
      '  ForceType application/json',
      '</Directory>',
    ];
  });
}

/** lighttpd with digest by SHA-256 in front of one v2 list. */
export async function startLighttpd(target: string): Promise<DigestServer> {
  const realm = 'atlas';
  return start(target, 'lighttpd', ['-D', '-f'], realm, (home, port) => {
    writeFileSync(join(home, 'users'), `${user}:${realm}:${hash('sha256', `${user}:${realm}:${password}`)}\n`);
    return [
      `server.document-root = "${home}/root"`,
      `server.port = ${port}`,
      'server.bind = "127.0.0.1"',
      'server.modules = ("mod_auth", "mod_authn_file")',
      'server.max-keep-alive-requests = 100000',
      'mimetype.assign = ("" => "application/json")',
      'auth.backend = "htdigest"',
      `auth.backend.htdigest.userfile = "${home}/users"`,
      'auth.require = ("/" => ("method" => "digest", "algorithm" => "SHA-256", "realm" => "atlas", "require" => "valid-user"))',
    ];
  });
}

async function start(
  target: string,
  command: string,
  args: readonly string[],
  _realm: string,
  configure: (home: string, port: number) => readonly string[],
): Promise<DigestServer> {
  const home = mkdtempSync(join(tmpdir(), `${command}-`));
  const file = join(home, 'root', target);
  mkdirSync(dirname(file), { recursive: true });
  spawnSync('chmod', ['-R', 'a+rX', home]);
  writeFileSync(file, '[{"id":"66b1d2e3f405162738495a61","status":"AVAILABLE","interfaceEndpoints":[]}]');
  const port = await freePort();
  writeFileSync(join(home, 'conf'), `${configure(home, port).join('\n')}\n`);
  const server = spawn(`/usr/sbin/${command}`, [...args, join(home, 'conf')], { stdio: 'inherit' });
  await listening(port, server);
  return {
    url: `http://127.0.0.1:${port}`,
    user,
    password,
    connections: () =>
      spawnSync('ss', ['-Htn', 'state', 'established', `sport = :${port}`], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter(Boolean).length,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A port of the loopback that nobody has now. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function listening(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended with ${server.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      }).on('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${server.spawnfile} does not listen`);
}
