/** What stands below the flags in the help: examples, variables and exit codes. */
const name = 'atlas-private-endpoint-exporter';

export const programHelp = `
Examples:
  ${name} demo                   look at it without an account
  ${name} check --online         try every list, and say what to mend
  ${name} poll --trouble         what is broken now
  ${name} help poll              the flags of a command

Variables, where there is no config file:
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY   an API key; or a service account:
  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET
  MONGODB_ATLAS_PROJECT_ID       the projects, comma-separated; or all of an organization:
  MONGODB_ATLAS_ORG_ID
  MONGODB_ATLAS_BASE_URL         https://cloud.mongodb.com when left out
  MONGODB_ATLAS_API              v2, or v1.0
  HTTPS_PROXY, NO_PROXY          the way to Atlas
`;

/** By the name of the command. */
export const commandHelp: Readonly<Record<string, string>> = {
  run: `
Exit codes: 0 after SIGTERM or SIGINT, 1 when it cannot start, 70 on a defect

Examples:
  ${name} run --config.file exporter.yaml
  ${name} run --web.listen-address 127.0.0.1:9000
`,
  check: `
Exit codes: 0, 1 config error, 2 --online found something that cannot be read, 130 stopped
`,
  poll: `
On a terminal it draws a table; piped, each line stands for itself and names its project.

Exit codes: 0 all polled, 1 config error, 2 some list could not be polled, 3 trouble (with --exit-code), 130 stopped

Examples:
  ${name} poll --project payments-prod --trouble
  ${name} poll -o csv > connections.csv
  ${name} poll --watch
`,
  wait: `
Exit codes: 0 it is so, 1 config error, 2 cannot be polled, 3 it failed instead, 124 time is up, 130 stopped

Example:
  ${name} wait --project payments-prod --connection 66b1d2e3f405162738495a01 --timeout 20m
`,
  simulate: `
While it runs, POST /scenes/NAME plays a scene, GET /scenes lists them, and POST /scenes/calm ends them all.
`,
  completion: `
Examples:
  source <(${name} completion bash)
  ${name} completion zsh > "\${fpath[1]}/_${name}"
  ${name} completion fish > ~/.config/fish/completions/${name}.fish
`,
};
