/**
 * Prints who publishes a release, as `key=value` lines that GitHub Actions reads: version, registry, image and chart.
 * package.json is the one place of these facts. The script refuses a tag of another version, and placeholders that nobody
 * has filled in.
 */
import { readFileSync } from 'node:fs';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly author: string;
  readonly repository: { readonly url: string };
  readonly bugs: { readonly url: string };
  readonly publisher: { readonly registry: string; readonly owner: string };
}

/** The word that package.json holds until a publisher has filled in a name. */
const placeholder = 'OWNER';

/** What keeps this package from being published under `tag`, in sentences; empty when nothing does. */
export function problemsOf(found: Package, tag: string): readonly string[] {
  const facts = {
    'publisher.owner': found.publisher.owner,
    'publisher.registry': found.publisher.registry,
    'repository.url': found.repository.url,
    'bugs.url': found.bugs.url,
    author: found.author,
  };
  return [
    ...Object.entries(facts)
      .filter(([, value]) => value === '' || value.includes(placeholder))
      .map(([key, value]) => `package.json: ${key} is still "${value}"; fill in who publishes`),
    ...(tag === `v${found.version}` ? [] : [`The tag is "${tag}", but package.json says version ${found.version}`]),
  ];
}

/** The facts that the workflow needs, by their names there. */
export function factsOf({ name, version, publisher }: Package): Readonly<Record<string, string>> {
  const place = `${publisher.registry}/${publisher.owner}`.toLowerCase();
  return { version, registry: publisher.registry, image: `${place}/${name}`, chart: `${place}/charts` };
}

if (import.meta.main) {
  const found: Package = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const problems = problemsOf(found, process.argv[2] ?? '');
  for (const problem of problems) console.error(problem);
  for (const [key, value] of Object.entries(factsOf(found))) console.log(`${key}=${value}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
