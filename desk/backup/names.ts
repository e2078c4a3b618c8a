import { existsSync } from 'node:fs'
import path from 'node:path'

/** The files of one backup; all begin with the same `<time>-<site>`. */
export interface BackupNames {
  database: string
  config: string
  publicFiles: string
  privateFiles: string
  /** Checksums of the others, as `sha256sum -c` reads them. */
  sums: string
}

const CONFIG = '-site_config_backup.json'
const SUMS = '-sha256.txt'

/** Names like Frappe's, that nothing has yet. @param time `YYYY-MM-DD HH:MM:SS…` in the site's time zone */
export function backupNames(
  folder: string,
  site: string,
  time: string,
  { kind, compress }: { kind: 'sqlite' | 'mariadb'; compress: boolean },
): BackupNames {
  const stamp = time.slice(0, 19).replaceAll(/[-:]/g, '').replace(' ', '_')
  const tar = compress ? 'tgz' : 'tar'
  for (let copy = 1; ; copy += 1) {
    const stem = path.join(
      folder,
      `${stamp}${copy > 1 ? `_${String(copy)}` : ''}-${site.replaceAll('.', '_')}`,
    )
    const names = {
      database: `${stem}-database.${kind === 'mariadb' ? 'sql' : 'sqlite'}.gz`,
      config: stem + CONFIG,
      publicFiles: `${stem}-files.${tar}`,
      privateFiles: `${stem}-private-files.${tar}`,
      sums: stem + SUMS,
    }
    if (!Object.values(names).some((file) => existsSync(file))) return names
  }
}

/** What lies beside a backup of a database, where it has kept its name. */
export function besides(database: string): { config?: string; sums?: string } {
  const stem = /^(.*)-database\.(?:sql|sqlite)(?:\.gz)?$/.exec(database)?.[1]
  if (stem === undefined) return {}
  const found = (file: string): string | undefined => (existsSync(file) ? file : undefined)
  const config = found(stem + CONFIG)
  const sums = found(stem + SUMS)
  return { ...(config ? { config } : {}), ...(sums ? { sums } : {}) }
}
