import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { CAC } from 'cac'
import { Bench } from '../site/bench-folder.ts'
import { readConfig, writeJson } from '../site/config.ts'
import { deskRoot } from '../site/desk-root.ts'
import { findBench } from './find-bench.ts'
import { npm } from './npm.ts'
import { doctor } from './doctor.ts'

export function benchCommands(cli: CAC): void {
  cli.command('init <dir>', 'Make a bench').action(async (dir: string) => {
    const bench = new Bench(dir)
    await bench.init()
    await pinDesk(bench)
    console.log(`A bench is ready in ${bench.path}. Next: cd ${dir} && npx bench new-site NAME`)
  })

  cli.command('use <site>', 'Choose the site that commands work on').action(async (site: string) => {
    await findBench().useSite(site)
    console.log(`Commands now work on ${site}.`)
  })

  cli
    .command('set-config <key> <value>', 'Set a key of the site config')
    .option('-g, --global', 'In the common config of all sites')
    .option('-p, --parse', 'Read the value as JSON')
    .action(
      async (key: string, value: unknown, options: { site?: string; global?: boolean; parse?: boolean }) => {
        const bench = findBench()
        const file = options.global
          ? bench.commonConfigFile
          : bench.siteConfigFile(await existingSite(bench, options.site))
        const text = String(value)
        await writeJson(file, {
          ...(await readConfig(file)),
          [key]: options.parse ? parseJson(key, text) : text,
        })
      },
    )

  cli
    .command('doctor', 'Say what is well and what needs doing')
    .action(async (options: { site?: string }) => {
      const well = await doctor(findBench(), options.site)
      if (!well) process.exitCode = 1
    })
}

async function existingSite(bench: Bench, site: string | undefined): Promise<string> {
  const name = await bench.chooseSite(site)
  await bench.siteConfig(name)
  return name
}

function parseJson(key: string, value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    throw new Error(`The value of ${key} is not JSON: quote strings, like '"text"', or leave out -p.`)
  }
}

/** A package.json that makes `npx bench` in the bench ours, and not the unrelated package of that name. */
async function pinDesk(bench: Bench): Promise<void> {
  const file = path.join(bench.path, 'package.json')
  const { version } = JSON.parse(await readFile(path.join(deskRoot, 'package.json'), 'utf8')) as {
    version: string
  }
  if (!existsSync(file)) {
    const installed = deskRoot.includes(`${path.sep}node_modules${path.sep}`)
    const spec = installed ? `^${version}` : `file:${deskRoot}`
    await writeJson(file, {
      name:
        path
          .basename(bench.path)
          .toLowerCase()
          .replace(/[^a-z0-9-]+/g, '-')
          .replace(/^-+/, '') || 'bench',
      private: true,
      type: 'module',
      dependencies: { '@f-chat/desk': spec },
    })
  }
  const require = createRequire(path.join(bench.path, 'package.json'))
  try {
    require.resolve('@f-chat/desk/package.json')
  } catch {
    await npm(['install'], bench.path)
  }
}
