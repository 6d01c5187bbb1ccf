/** Volumes of ConfigMaps and Secrets, written by the kubelet's own writer. */
import { execFileSync } from 'node:child_process';

export type Files = Readonly<Record<string, string>>;

/** Replaces all files in one step, as the kubelet does when the object has changed. `mode` as in `0o440`. */
export function writeVolume(
  kubelet: string,
  folder: string,
  files: Files,
  { group, mode }: { readonly group: number; readonly mode: number },
): void {
  const input = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, { data: Buffer.from(text).toString('base64'), mode }]),
  );
  execFileSync(kubelet, ['volume', folder, `${group}`], { input: JSON.stringify(input), stdio: 'pipe' });
}
