import { ADMINISTRATOR } from '../permissions/roles.ts'
import type { Command, Input } from './command.ts'
import { withSite } from './with-site.ts'

export const executeCommand: Command = {
  name: 'execute',
  group: 'Tools',
  summary: 'Call a whitelisted method and print its result as JSON',
  args: [{ name: 'METHOD' }],
  options: [
    { flag: 'kwargs', value: 'JSON', help: 'Its arguments by name, a JSON object' },
    { flag: 'args', value: 'JSON', help: 'Its arguments in their order, a JSON list' },
    { flag: 'user', value: 'USER', help: 'As whom', preset: ADMINISTRATOR },
  ],
  examples: [
    'bench execute frappe.client.get_count --kwargs \'{"doctype": "User"}\'',
    'bench execute frappe.client.get_count --args \'["User"]\'',
  ],
  run: execute,
}

async function execute(input: Input): Promise<void> {
  const method = input.arg()
  const kwargs = parseKwargs(input.text('kwargs'))
  const list = parseList(input.text('args'))
  const user = input.text('user') ?? ADMINISTRATOR
  const result = await withSite(input, async (site) => {
    const identity = { user }
    if (!(await site.read(identity, (ctx) => ctx.exists('User', user))))
      throw new Error(`There is no user ${user}.`)
    const names = list.length > 0 ? Object.keys(site.registry.method(method).input.properties) : []
    if (list.length > names.length)
      throw new Error(`${method} takes ${String(names.length)} arguments: ${names.join(', ')}.`)
    const positional = Object.fromEntries(list.map((value, at) => [names[at] ?? '', value]))
    return await site.call(method, { ...positional, ...kwargs }, identity)
  })
  if (result !== undefined && result !== null) console.log(JSON.stringify(result, null, 2))
}

function parseKwargs(text: string | undefined): Record<string, unknown> {
  const value = parseJson(text ?? '{}')
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new Error(`--kwargs takes a JSON object, like '{"room_id": "CR-0001"}'.`)
}

function parseList(text: string | undefined): unknown[] {
  const value = parseJson(text ?? '[]')
  if (Array.isArray(value)) return value
  throw new Error(`--args takes a JSON list, like '["CR-0001"]'.`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
