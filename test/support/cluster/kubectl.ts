import { type ChildProcess, execFile } from 'node:child_process';
import { dirname } from 'node:path';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with a bound; a failure is part of the answer. */
export function runToEnd(
  program: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly input?: string; readonly cwd?: string },
): Promise<Ended> {
  const { env, input = '', cwd = '/' } = options;
  return new Promise((resolve, reject) => {
    const limits = { maxBuffer: 64 * 1024 * 1024, timeout: 300_000 };
    const child: ChildProcess = execFile(program, args, { env, cwd, ...limits }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** kubectl on one cluster: gives what it wrote, or throws what it said. */
export type Kubectl = (args: readonly string[], input?: string | object) => Promise<string>;

export function createKubectl(program: string, kubeconfig: string): Kubectl {
  const env = { PATH: process.env['PATH'] ?? '', KUBECONFIG: kubeconfig, HOME: dirname(kubeconfig) };
  return async (args, input = '') => {
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    const { code, stdout, stderr } = await runToEnd(program, args, { env, input: text });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}${stdout}`);
    return stdout;
  };
}
