import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Programs that the suite runs for real, and Debian's packages that bring them. */
const PROGRAMS = [
  { name: 'MariaDB', package: 'mariadb-server', found: ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd'] },
  { name: 'OpenSSL', package: 'openssl', found: ['/usr/bin/openssl'] },
  { name: 'Chromium', package: 'chromium', found: ['/usr/bin/chromium'] },
]

const present = ({ found }) => found.some((file) => existsSync(file))

/** Installs what is missing where that is possible; else says how. @returns names of what is still missing */
export function ensureSystemPackages() {
  const wanted = PROGRAMS.filter((program) => !present(program)).map((program) => program.package)
  if (wanted.length > 0) {
    const command = `apt-get install -y --no-install-recommends ${wanted.join(' ')}`
    if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
      console.log(`Installing ${wanted.join(', ')} …`)
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
      spawnSync('sh', ['-c', `apt-get update -q && ${command}`], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env,
      })
    } else {
      console.log(`Some tests need programs that are not here. To install them: sudo ${command}`)
    }
  }
  return PROGRAMS.filter((program) => !present(program)).map(({ name }) => name)
}
