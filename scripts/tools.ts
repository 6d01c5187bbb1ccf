/**
 * `npm run tools`: builds the tools that suites ask for, or those that are named (`npm run tools -- prometheus kwok`), and
 * prints a line `name path` for each program.
 */
import { provideTool } from '../test/tools/provide.ts';
import { type ToolName, toolNames } from '../test/tools/tools.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !toolNames.some((known) => known === name));
if (unknown.length > 0) {
  console.error(`Unknown tool ${unknown.map((name) => `"${name}"`).join(', ')}: there are ${toolNames.join(', ')}`);
  process.exit(1);
}
for (const name of toolNames.filter((name) => asked.length === 0 || asked.includes(name)) as readonly ToolName[]) {
  try {
    for (const [program, path] of Object.entries(provideTool(name))) console.log(`${program} ${path}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
