import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'

const time = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Installs the packages of the lockfile where they are missing or older than it. */
export function ensureDependencies(root) {
  const installed = time(path.join(root, 'node_modules', '.package-lock.json'))
  if (installed > 0 && installed >= time(path.join(root, 'package-lock.json'))) return
  console.log('Installing packages …')
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    console.error('npm ci failed. Check the connection to the npm registry, then run the command again.')
    process.exit(1)
  }
}
