import { once } from 'node:events'
import path from 'node:path'
import { start } from 'node:repl'
import { text } from 'node:stream/consumers'
import { Script } from 'node:vm'
import { toPlain, type PlainDoc } from '../document/plain.ts'
import type { Context } from '../context.ts'
import { ADMINISTRATOR } from '../permissions/roles.ts'
import type { Site } from '../site/site.ts'
import type { Command } from './command.ts'
import { withSite } from './with-site.ts'

const HELP = `site                          the site
read(async ctx => …)          work that reads, as Administrator
write(async ctx => …)         work in one transaction
get_doc(doctype, name)        a document, as data
get_list(doctype, query?)     { fields, filters, order_by, limit_page_length }
insert(doctype, values)       a new document
set_value(doctype, name, values)
delete_doc(doctype, name)
call(method, args?)           a whitelisted method
sql(text, values?)            a query that reads`

export const consoleCommand: Command = {
  name: 'console',
  group: 'Tools',
  summary: 'A JavaScript prompt on the site, as Administrator',
  details: 'Understands await. Statements may also be piped in; then it fails if one of them does.',
  examples: ['bench console', 'echo \'console.log(await get_list("User"))\' | bench console'],
  run: (input) => withSite(input, runConsole),
}

/** What the prompt knows besides JavaScript. */
function toolsFor(site: Site): Record<string, unknown> {
  const identity = { user: ADMINISTRATOR }
  const read = <T>(work: (ctx: Context) => Promise<T>): Promise<T> => site.read(identity, work)
  const write = <T>(work: (ctx: Context) => Promise<T>): Promise<T> => site.write(identity, work)
  return {
    site,
    read,
    write,
    get_doc: (doctype: string, name = doctype): Promise<PlainDoc> =>
      read(async (ctx) => toPlain(await ctx.getDoc(doctype, name))),
    get_list: (doctype: string, query = {}) => read((ctx) => ctx.getList(doctype, query)),
    insert: (doctype: string, values: Record<string, unknown>): Promise<PlainDoc> =>
      write(async (ctx) => toPlain(await ctx.insert(doctype, values))),
    set_value: (doctype: string, name: string, values: Record<string, unknown>): Promise<PlainDoc> =>
      write(async (ctx) => {
        const doc = await ctx.getDoc(doctype, name)
        for (const [key, value] of Object.entries(values)) doc.set(key, value)
        await doc.save()
        return toPlain(doc)
      }),
    delete_doc: (doctype: string, name: string): Promise<void> =>
      write(async (ctx) => (await ctx.getDoc(doctype, name)).delete()),
    call: (method: string, args = {}) => site.call(method, args, identity),
    sql: async (text: string, values: readonly string[] = []): Promise<unknown> => {
      const result: unknown = await site.database.reader.raw(text, [...values])
      return site.database.kind === 'mariadb' && Array.isArray(result) ? result[0] : result
    },
  }
}

async function runConsole(site: Site): Promise<void> {
  const help = (): void => {
    console.log(HELP)
  }
  const tools = { ...toolsFor(site), help }
  if (process.stdin.isTTY) await prompt(site, tools)
  else await runScript(tools)
}

async function prompt(site: Site, tools: object): Promise<void> {
  console.log(`${site.name}, as Administrator. Type "help()" for what there is, Ctrl+D to leave.`)
  const repl = start({ prompt: `${site.name}> `, ignoreUndefined: true })
  Object.assign(repl.context, tools)
  repl.setupHistory(path.join(site.path, 'logs', 'console.history'), (error) => {
    if (error) console.error(`This session's lines are not kept: ${error.message}`)
  })
  await once(repl, 'exit')
}

/** All of the input as the body of one async function. */
async function runScript(tools: object): Promise<void> {
  const body = await text(process.stdin)
  const script = new Script(`(async ({ ${Object.keys(tools).join(', ')} }) => {\n${body}\n})`, {
    filename: 'stdin',
    lineOffset: -1,
  })
  const run = script.runInThisContext() as (tools: object) => Promise<void>
  await run(tools)
}
