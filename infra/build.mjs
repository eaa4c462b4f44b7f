import { context } from 'esbuild'

// Run from a workspace's folder: `node ../../infra/build.mjs [--watch] [entry …]`. One self-contained file per entry point:
// our own packages are bundled from their sources, everything from node_modules stays an import.
const isWatching = process.argv.includes('--watch')
const entryPoints = process.argv.slice(2).filter((argument) => argument !== '--watch')

const building = await context({
  entryPoints: entryPoints.length > 0 ? entryPoints : ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  plugins: [{ name: 'installed-packages-stay-imports', setup: keepInstalledPackages }],
})
if (isWatching) await building.watch()
else {
  await building.rebuild()
  await building.dispose()
}

function keepInstalledPackages({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
    const bundled = kind === 'entry-point' || path.startsWith('@spawnpoint/')
    return bundled ? undefined : { path, external: true }
  })
}
