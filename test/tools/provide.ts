/**
 * Builds tools from their pinned Go modules, each once, into a cache outside the tree. A program on the PATH that says it is
 * of the same version is taken instead.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { runGo } from './go.ts';
import { type Tool, type ToolName, tools, toolsFolder, versionOf } from './tools.ts';

/** Moves the cache elsewhere. */
export const cacheVariable = 'ATLAS_PRIVATE_ENDPOINT_EXPORTER_TOOLS';

/** The paths of a tool's programs and files by their names. Throws an Error with a sentence that says what to do. */
export function provideTool(name: ToolName, environment = process.env): Readonly<Record<string, string>> {
  return installed(name, environment) ?? cached(name, environment) ?? build(name, environment);
}

/** What of the PATH is of the same version; null unless every program of the tool is, and where files belong to it. */
function installed(name: ToolName, { PATH = '' }: NodeJS.ProcessEnv): Readonly<Record<string, string>> | null {
  const { programs, versionArgument, files }: Tool = tools[name];
  if (versionArgument === null || files) return null;
  const found: Record<string, string> = {};
  for (const program of Object.keys(programs)) {
    const path = PATH.split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, program))
      .find(isExecutable);
    if (path === undefined) return null;
    const { stdout, stderr } = spawnSync(path, [versionArgument], { encoding: 'utf8' });
    if (!`${stdout}${stderr}`.split(/[\s,]+/).some((word) => word.replace(/^v/, '') === versionOf(name))) return null;
    found[program] = path;
  }
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where the tool is once it is built: what is built from other sums is another folder. */
export function folderOf(name: ToolName, environment = process.env): string {
  const { folder }: Tool = tools[name];
  const hash = createHash('sha256').update(JSON.stringify(tools[name]));
  const source = join(toolsFolder, folder);
  for (const path of globSync(['go.mod', 'go.sum', '**/*.go'], { cwd: source }).toSorted()) {
    hash.update(`${path}\n`).update(readFileSync(join(source, path)));
  }
  return join(cacheFolder(environment), `${name}-${versionOf(name)}-${hash.digest('hex').slice(0, 16)}`);
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const named = environment[cacheVariable];
  if (named) return named;
  const caches = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache');
  return join(caches, 'atlas-private-endpoint-exporter', 'tools');
}

/** The list of files with their sizes that a complete build ends with. */
const manifest = 'complete.json';

/** What an earlier build left; null where there is none. One that has lost a part of a file is removed. */
function cached(name: ToolName, environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> | null {
  const folder = folderOf(name, environment);
  if (!existsSync(folder)) return null;
  const damage = damageOf(folder);
  if (damage === null) return pathsIn(name, folder);
  console.warn(`Building ${name} again: ${damage} in "${folder}"`);
  rmSync(folder, { recursive: true, force: true });
  return null;
}

function damageOf(folder: string): string | null {
  try {
    const sizes = JSON.parse(readFileSync(join(folder, manifest), 'utf8')) as Record<string, number>;
    const file = Object.keys(sizes).find((path) => statSync(join(folder, path)).size !== sizes[path]);
    return file === undefined ? null : `"${file}" has lost its end`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function pathsIn(name: ToolName, folder: string): Readonly<Record<string, string>> {
  const { programs, files = {} }: Tool = tools[name];
  return Object.fromEntries(
    [...Object.keys(programs), ...Object.keys(files)].map((file) => [file, join(folder, file)]),
  );
}

/** Builds into a folder of another name, so that a build that is cut off leaves nothing that looks complete. */
function build(name: ToolName, environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const tool: Tool = tools[name];
  const folder = folderOf(name, environment);
  const cache = cacheFolder(environment);
  const version = versionOf(name);
  const go = (...args: readonly string[]) => runGo(name, args, environment);
  try {
    mkdirSync(cache, { recursive: true });
  } catch (error) {
    throw new Error(`Cannot keep tools in "${cache}": ${error}. Set ${cacheVariable} to a folder that can be written`);
  }
  removeCutOff(cache);
  const unfinished = mkdtempSync(join(cache, `.building-${process.pid}-`));
  const source = mkdtempSync(join(cache, `.building-${process.pid}-`));
  try {
    console.warn(`Building ${name} ${version} into ${folder}: some minutes, once`);
    if (tool.packages.length > 0) {
      const linked = ['-s -w', ...(tool.linkerFlags ?? [])]
        .join(' ')
        .replaceAll('$VERSION', version)
        .replaceAll('$MINOR', version.split('.')[1] ?? '');
      const module = tool.placeholders ? [`-modfile=${withPlaceholders(tool, tool.placeholders, source, go)}`] : [];
      go(
        'build',
        '-trimpath',
        ...module,
        ...(tool.flags ?? []),
        `-ldflags=${linked}`,
        '-o',
        `${unfinished}/`,
        ...tool.packages,
      );
    }
    for (const [program, file] of Object.entries(tool.programs)) {
      if (program !== file) linkSync(join(unfinished, file), join(unfinished, program));
    }
    for (const [file, path] of Object.entries(tool.files ?? {})) {
      const { Dir } = JSON.parse(go('mod', 'download', '-json', tool.module)) as { Dir: string };
      copyFileSync(join(Dir, path), join(unfinished, file));
    }
    const sizes = readdirSync(unfinished).map((file) => [file, statSync(join(unfinished, file)).size] as const);
    writeFileSync(join(unfinished, manifest), JSON.stringify(Object.fromEntries(sizes)));
    // Another process may have been quicker: its build is as good.
    if (!existsSync(folder)) renameSync(unfinished, folder);
    return pathsIn(name, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
    rmSync(source, { recursive: true, force: true });
  }
}

/** Copies the module's sources to a folder that can be written, adds the placeholders, and gives a `go.mod` that points there. */
function withPlaceholders(
  { folder, module }: Tool,
  placeholders: readonly string[],
  source: string,
  go: (...args: readonly string[]) => string,
): string {
  const { Dir } = JSON.parse(go('mod', 'download', '-json', module)) as { Dir: string };
  const copy = join(source, 'module');
  cpSync(Dir, copy, { recursive: true });
  for (const path of globSync('**/', { cwd: copy })) chmodSync(join(copy, path), 0o755);
  for (const path of placeholders) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), '');
  }
  const own = readFileSync(join(toolsFolder, folder, 'go.mod'), 'utf8');
  writeFileSync(join(source, 'go.mod'), `${own}\nreplace ${module} => ${copy}\n`);
  copyFileSync(join(toolsFolder, folder, 'go.sum'), join(source, 'go.sum'));
  return join(source, 'go.mod');
}

/** Removes what builds left that were killed. */
function removeCutOff(cache: string): void {
  for (const file of readdirSync(cache)) {
    const pid = /^\.building-(\d+)-/.exec(file)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(cache, file), { recursive: true, force: true });
  }
}
