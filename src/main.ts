#!/usr/bin/env node
/** The process edge. Checks the Node version before anything is imported that an old Node could not even read. */
const wantedNode = 24;

if (Number(process.versions.node.split('.')[0]) < wantedNode) {
  process.stderr.write(
    `atlas-private-endpoint-exporter needs Node ${wantedNode} or newer, this is ${process.versions.node}; install a newer Node\n`,
  );
  process.exitCode = 1;
} else {
  // PID 1 ignores a signal that it has no handler for. Until a command adds its own, a container that is stopped would wait for
  // its whole grace period.
  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(exitCode);
    });
  }
  try {
    const { runCli } = await import('./cli/cli.ts');
    const { processWorld } = await import('./app/host.ts');
    process.exitCode = await runCli(process.argv.slice(2), processWorld());
  } catch (thrown) {
    // A defect is one line, with the place in the code.
    const [what = '', place = ''] = (thrown instanceof Error ? thrown.stack : String(thrown))?.split(/\n\s+/) ?? [];
    process.stderr.write(`Unexpected error: ${[what.replaceAll('\n', ' '), place].join(' ').trim()}\n`);
    process.exit(70);
  }
}

export {};
