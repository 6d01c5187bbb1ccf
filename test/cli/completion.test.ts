import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { fakeWorld } from '../support/world.ts';

async function run(...argv: string[]) {
  const world = fakeWorld();
  const code = await runCli(argv, world);
  return { code, out: world.out(), err: world.err() };
}

const name = 'atlas-private-endpoint-exporter';

test.each([
  [['pol'], `Unknown command 'pol'\n(Did you mean poll?)\nSee '${name} --help'\n`],
  [['--confg.file', 'x'], `Unknown option '--confg.file'\n(Did you mean --config.file?)\nSee '${name} --help'\n`],
  [
    ['run', '--web.listen-adress=:1'],
    `Unknown option '--web.listen-adress'\n(Did you mean --web.listen-address?)\nSee '${name} --help'\n`,
  ],
  [['poll', '--outptu', 'json'], `Unknown option '--outptu'\n(Did you mean --output?)\nSee '${name} --help'\n`],
  [
    ['completion', 'tcsh'],
    `Command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.\nSee '${name} --help'\n`,
  ],
])('%j names what is near', async (argv, err) => {
  expect(await run(...argv)).toEqual({ code: 1, out: '', err });
});

test.each([
  [['-h'], 'MONGODB_ATLAS_PUBLIC_API_KEY'],
  [['help'], 'Examples:'],
  [['help', 'poll'], '-o, --output'],
  [['poll', '-h'], 'Exit codes: 0 all polled'],
  [['wait', '--help'], '124 time is up'],
  [['help', 'simulate'], '/scenes/NAME'],
])('%j is help', async (argv, words) => {
  const { code, out } = await run(...argv);
  expect(code).toBe(0);
  expect(out).toContain(words);
});

/** What bash offers for words that are typed so far. */
async function offered(...words: readonly string[]) {
  const { out } = await run('completion', 'bash');
  const typed = words.map((word) => `'${word}'`).join(' ');
  const script = `${out}\nCOMP_WORDS=(${name} ${typed}); COMP_CWORD=${words.length}; _atlas_private_endpoint_exporter; echo "\${COMPREPLY[*]}"`;
  return execFileSync('bash', ['-c', script]).toString().trim().split(' ');
}

test('bash completes commands, and the flags of a command', async () => {
  expect(await offered('')).toEqual(
    expect.arrayContaining(['run', 'check', 'poll', 'wait', 'demo', 'simulate', 'help']),
  );
  expect(await offered('po')).toEqual(['poll']);
  expect(await offered('poll', '--tr')).toEqual(['--trouble']);
});

test('fish gets a line for each command and flag, zsh the words of bash', async () => {
  const { out } = await run('completion', 'fish');
  expect(out).toContain(`complete -c ${name} -n __fish_use_subcommand -f -a poll -d `);
  expect(out).toContain(`-n '__fish_seen_subcommand_from wait' -l timeout -d 'how long'`);
  expect((await run('completion', 'zsh')).out).toMatch(/^#compdef /);
});
