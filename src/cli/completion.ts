/** Scripts that complete commands and flags in a shell, read off the commands themselves. */
import type { Command } from 'commander';

export type CompletedShell = 'bash' | 'zsh' | 'fish';

const name = 'atlas-private-endpoint-exporter';

export function completion(program: Command, shell: CompletedShell): string {
  const commands = [...program.commands.map((command) => command.name()), 'help'];
  const cases = program.commands.map((command) => `    ${command.name()}) words="${flagsOf(command).join(' ')}" ;;`);
  if (shell === 'fish') return fish(program);
  const body = `  local words
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="${[...commands, '--help', '--version'].join(' ')}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`;
  const bash = `_atlas_private_endpoint_exporter() {\n${body}\n}\ncomplete -o default -F _atlas_private_endpoint_exporter ${name}\n`;
  return shell === 'bash' ? bash : `#compdef ${name}\nautoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

function flagsOf({ options }: Command): readonly string[] {
  return [...options.flatMap(({ long }) => long ?? []), '--help'];
}

function fish(program: Command): string {
  const commands = program.commands.map(
    (command) =>
      `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name()} -d ${quoted(command.description())}`,
  );
  const flags = program.commands.flatMap((command) =>
    command.options.map(
      ({ long, description }) =>
        `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name()}' -l ${long?.slice(2)} -d ${quoted(description)}`,
    ),
  );
  return [...commands, ...flags, ''].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "\\'")}'`;
}
