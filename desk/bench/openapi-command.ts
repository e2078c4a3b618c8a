import { writeFile } from 'node:fs/promises'
import { describeSite } from '../http/docs-routes.ts'
import type { Command } from './command.ts'
import { withSite } from './with-site.ts'

export const openApiCommand: Command = {
  name: 'openapi',
  group: 'Tools',
  summary: 'Describe every method of the site as OpenAPI, in JSON',
  details: 'The same as /api/docs/json of the running site, for generators of clients.',
  options: [{ flag: 'output', value: 'FILE', help: 'Write it there (else: print it)', complete: 'file' }],
  async run(input) {
    const text = JSON.stringify(await withSite(input, (site) => Promise.resolve(describeSite(site))), null, 2)
    const file = input.text('output')
    if (file === undefined) console.log(text)
    else await writeFile(file, `${text}\n`)
  },
}
