/** Alertmanager's config for tests: the project's example. */
import { readFileSync } from 'node:fs';

/** The example that people start from, with receivers of the test, and told as soon as a slow machine allows. */
export function alertmanagerConfig(webhook: string): string {
  const example = readFileSync(new URL('../../config/alertmanager.example.yaml', import.meta.url), 'utf8');
  const waits = { group_wait: '2s', group_interval: '2s' };
  return Object.entries(waits).reduce(
    (text, [name, wait]) => replaced(text, new RegExp(`(?<=^ +${name}: )\\S+$`, 'm'), wait),
    replaced(example, /http:\/\/127\.0\.0\.1:9099\//g, webhook),
  );
}

function replaced(text: string, pattern: RegExp, by: string): string {
  if (text.search(pattern) < 0) throw new Error(`The example has nothing like ${pattern}`);
  return text.replace(pattern, by);
}
