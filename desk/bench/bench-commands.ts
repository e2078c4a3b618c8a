import { readConfig, writeJson } from '../site/config.ts'
import { Bench } from '../site/bench-folder.ts'
import { clearStaleLocks } from '../site/site-lock.ts'
import { loadApp } from '../site/apps.ts'
import { loadDesk } from '../site/open.ts'
import { GROUPS, type Command, type Input } from './command.ts'
import { completionScripts } from './completion-scripts.ts'
import { doctor } from './doctor.ts'
import { findBench } from './find-bench.ts'
import { isSecret, masked } from './mask.ts'
import { pinDesk } from './pin-desk.ts'

const [SITES, , , , , TOOLS] = GROUPS

export const benchCommands: readonly Command[] = [
  {
    name: 'init',
    group: SITES,
    summary: 'Make a bench: a folder for sites and apps',
    args: [{ name: 'DIR', complete: 'folder' }],
    examples: ['npx bench init shop && cd shop', 'npx -p @f-chat/desk bench init shop'],
    run: async (input) => {
      const bench = new Bench(input.arg())
      await bench.init()
      await pinDesk(bench)
      console.log(`A bench is ready in ${bench.path}. Next: cd ${input.arg()} && npx bench new-site NAME`)
    },
  },
  {
    name: 'set-config',
    group: TOOLS,
    summary: 'Set a key of the site config',
    args: [{ name: 'KEY' }, { name: 'VALUE' }],
    options: [
      { flag: 'global', short: 'g', help: 'In the common config of all sites' },
      { flag: 'parse', short: 'p', help: 'Read the value as JSON' },
    ],
    examples: ['bench set-config host_name https://shop.example', 'bench set-config -p session_days 3'],
    run: setConfig,
  },
  {
    name: 'show-config',
    group: TOOLS,
    summary: 'The config of a site as it works: its own keys over the common ones',
    details: 'Passwords, keys and tokens are shown as asterisks.',
    options: [
      { flag: 'format', value: 'FORMAT', help: 'text or json', preset: 'text', complete: ['text', 'json'] },
    ],
    run: showConfig,
  },
  {
    name: 'doctor',
    group: TOOLS,
    summary: 'Say what is well and what needs doing',
    run: async (input) => {
      const well = await doctor(findBench(), input.site)
      if (!well) process.exitCode = 1
    },
  },
  {
    name: 'clear-cache',
    group: TOOLS,
    summary: 'Clear what commands and servers that are gone have left',
    details:
      'Caches live in the memory of a running server and believe a fact for a second at most: there is nothing on the disk to clear but locks of processes that are gone.',
    run: async (input) => {
      const bench = findBench()
      const name = await bench.chooseSite(input.site)
      await bench.siteConfig(name)
      const cleared = await clearStaleLocks(bench.sitePath(name))
      console.log(cleared === 0 ? 'There was nothing to clear.' : `Cleared: ${String(cleared)} stale locks.`)
    },
  },
  {
    name: 'version',
    group: TOOLS,
    summary: 'Versions of desk and of the apps in the bench',
    run: version,
  },
  {
    name: 'completion',
    group: TOOLS,
    summary: 'A script that lets the shell complete commands, options, sites and apps',
    args: [{ name: 'SHELL', complete: Object.keys(completionScripts) }],
    examples: ['source <(npx bench completion bash)', 'bench completion fish | source'],
    run: (input) => {
      const script = completionScripts[input.arg()]
      if (script === undefined)
        throw new Error(`There is no completion for ${input.arg()}: bash, zsh or fish.`)
      process.stdout.write(script)
    },
  },
]

async function setConfig(input: Input): Promise<void> {
  const bench = findBench()
  const [key = '', text = ''] = input.args
  const file = input.has('global')
    ? bench.commonConfigFile
    : bench.siteConfigFile(await existingSite(bench, input.site))
  await writeJson(file, {
    ...(await readConfig(file)),
    [key]: input.has('parse') ? parseJson(key, text) : text,
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

async function showConfig(input: Input): Promise<void> {
  const bench = findBench()
  const config = masked(await bench.siteConfig(await bench.chooseSite(input.site))) as Record<string, unknown>
  if (input.text('format') === 'json') {
    console.log(JSON.stringify(config, null, 2))
    return
  }
  for (const key of Object.keys(config).sort())
    console.log(`${key}: ${isSecret(key) ? String(config[key]) : JSON.stringify(config[key])}`)
}

async function version(): Promise<void> {
  const desk = await loadDesk()
  console.log(`desk ${desk.version}`)
  let bench: Bench
  try {
    bench = findBench()
  } catch {
    // desk's own version is worth knowing outside a bench, too.
    return
  }
  for (const [name, root] of await bench.apps()) console.log(`${name} ${(await loadApp(root)).version}`)
}
