import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Bench } from '../site/bench-folder.ts'
import { writeJson } from '../site/config.ts'
import { deskRoot } from '../site/desk-root.ts'
import { findInstalled } from './fetch-app.ts'
import { npm } from './npm.ts'

const DESK = '@f-chat/desk'

/**
 * A package.json that makes `npx bench` in the bench ours, and not the unrelated package of that name. Where desk is
 * installed in a folder above, that one is used, and nothing is fetched; from npx's own cache, which is cleared one
 * day, the bench gets its own.
 */
export async function pinDesk(bench: Bench): Promise<void> {
  const file = path.join(bench.path, 'package.json')
  if (!existsSync(file))
    await writeJson(file, {
      name:
        path
          .basename(bench.path)
          .toLowerCase()
          .replace(/[^a-z0-9-]+/g, '-')
          .replace(/^-+/, '') || 'bench',
      private: true,
      type: 'module',
      dependencies: { [DESK]: await specFor(bench) },
    })
  if (findInstalled(bench.path, DESK) === undefined) await npm(['install'], bench.path)
}

async function specFor(bench: Bench): Promise<string> {
  if (!deskRoot.includes(`${path.sep}_npx${path.sep}`)) {
    const above = findInstalled(bench.path, DESK)
    // As it lies there, which may be a link of its own; relative, so that both can be moved together.
    const folder = above !== undefined && realpathSync(above) === deskRoot ? above : deskRoot
    const relative = path.relative(realpathSync(bench.path), folder)
    return `file:${above === undefined ? folder : relative.replaceAll(path.sep, '/')}`
  }
  const { version } = JSON.parse(await readFile(path.join(deskRoot, 'package.json'), 'utf8')) as {
    version: string
  }
  return `^${version}`
}
