/**
 * Preloaded into an exporter: the function that THROW_AT names, as in `src/polling/fleet.ts#createFleet`, throws when it is
 * called. THROW_HOW: `at_once`, or `later` for an error that no caller catches, again and again until the process ends.
 */
import { registerHooks } from 'node:module';

const [file, name] = (process.env['THROW_AT'] ?? '').split('#');
const fail = `throw new TypeError('Injected into ${name}');`;
// The name of a function declaration can be assigned anew within its module, and importers see the new value.
const instead = {
  at_once: `${name} = () => { ${fail} };`,
  later: `const before = ${name}; ${name} = (...args) => { setInterval(() => { ${fail} }, 1); return before(...args); };`,
}[process.env['THROW_HOW'] ?? 'at_once'];

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(`/${file}`)) return loaded;
    return { ...loaded, source: `${loaded.source}\n${instead}\n` };
  },
});
