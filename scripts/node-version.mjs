// Runs before every script that needs the pinned Node. Plain JavaScript on purpose: an old Node must be able to read it.
const wanted = 24;
const found = Number(process.versions.node.split('.')[0]);
if (found < wanted) {
  console.error(
    `Node ${wanted} or newer is needed, this is ${process.versions.node}.\n` +
      'npm installs it as the development dependency "node" and puts it first on the path of its scripts; that needs its\n' +
      'install script: run `npm ci` without --ignore-scripts (or `npm rebuild node`), or use a Node that is new enough.',
  );
  process.exit(1);
}
