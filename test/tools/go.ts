/** Runs Go on the module of a tool, and says what to do where it cannot. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tool, type ToolName, tools, toolsFolder, versionOf } from './tools.ts';

/** What Go says when it cannot reach or be given a module. */
const unreachable =
  /proxyconnect|dial tcp|lookup |i\/o timeout|\b40[34]\b|\b410\b|unrecognized import path|module lookup disabled/;

/** What Go wrote to stdout. Throws an Error that names the tool, what Go said and what to do. */
export function runGo(name: ToolName, args: readonly string[], environment: NodeJS.ProcessEnv): string {
  const { folder }: Tool = tools[name];
  const wanted = `${name} ${versionOf(name)}`;
  const { status, signal, stdout, stderr, error } = spawnSync('go', args, {
    cwd: join(toolsFolder, folder),
    encoding: 'utf8',
    maxBuffer: 1e8,
    // Nothing of the machine changes what is built, and the build changes no sum.
    env: { ...environment, GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off', CGO_ENABLED: '0' },
  });
  if (error) {
    const found = 'code' in error && error.code === 'ENOENT' ? 'there is no Go on the PATH' : error.message;
    throw new Error(`Cannot build ${wanted}: ${found}. ${cureOf(name)}`);
  }
  if (status === 0) return stdout;
  const told = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !/^go: downloading /.test(line));
  const reason = signal ? `go was ended by ${signal}` : told.slice(-5).join('\n');
  const cure = unreachable.test(reason)
    ? `Let this machine reach the module proxy that "go env GOPROXY" names${onPath(name)}`
    : cureOf(name);
  throw new Error(`Cannot build ${wanted} in test/tools/${folder}: ${reason}\n${cure}`);
}

function cureOf(name: ToolName): string {
  const text = readFileSync(join(toolsFolder, tools[name].folder, 'go.mod'), 'utf8');
  const go = /^go (\S+)$/m.exec(text)?.[1];
  return `Install Go ${go} or newer (https://go.dev/dl/)${onPath(name)}`;
}

function onPath(name: ToolName): string {
  const { programs, versionArgument }: Tool = tools[name];
  return versionArgument === null
    ? ''
    : `, or put ${Object.keys(programs).join(' and ')} ${versionOf(name)} on the PATH`;
}
