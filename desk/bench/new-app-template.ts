import { scrub } from '../meta/names.ts'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** The files of a new app: one DocType with a rule of its own, one method, a role and a test. */
export function appTemplate(name: string, title: string): Record<string, string> {
  const doctype = `${title} Note`
  const snake = scrub(doctype)
  const role = `${title} User`
  const rights = { read: 1, write: 1, create: 1, delete: 1 }
  return {
    'package.json': json({
      name: name.replaceAll('_', '-'),
      version: '0.1.0',
      type: 'module',
      scripts: { test: 'node --test' },
      files: ['dist', 'doctypes/**/*.json', 'fixtures', 'public/dist'],
    }),
    '.gitignore': 'dist/\nnode_modules/\n*.types.ts\n',
    'README.md': `# ${title}\n\nAn app for desk. In a bench:\n\n    bench get-app FOLDER && bench install-app ${name}\n    npm test\n`,
    'tsconfig.json': json({
      compilerOptions: {
        target: 'ES2023',
        module: 'nodenext',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        erasableSyntaxOnly: true,
      },
    }),
    'hooks.ts': `import { defineApp } from '@f-chat/desk'

export default defineApp({
  name: ${JSON.stringify(name)},
  title: ${JSON.stringify(title)},
})
`,
    [`doctypes/${snake}/${snake}.json`]: json({
      doctype: 'DocType',
      name: doctype,
      module: title,
      autoname: 'hash',
      title_field: 'title',
      fields: [
        { fieldname: 'title', fieldtype: 'Data', label: 'Title', reqd: 1, in_list_view: 1 },
        { fieldname: 'done', fieldtype: 'Check', label: 'Done' },
      ],
      permissions: [
        { role, ...rights },
        { role: 'System Manager', ...rights },
      ],
    }),
    [`doctypes/${snake}/${snake}.ts`]: `import { Document, ValidationError } from '@f-chat/desk'

/** The rules of this document. */
export default class extends Document {
  override validate(): void {
    if (String(this.get('title')).length < 3)
      throw new ValidationError('A title has at least 3 letters. Write some more.')
  }
}
`,
    'api/notes.ts': `import { defineMethod, Type } from '@f-chat/desk'

/** Answers under /api/method/${name}.open_notes; /api/docs tells of it. */
export const openNotes = defineMethod({
  name: '${name}.open_notes',
  summary: 'The notes that are not done.',
  input: Type.Object({}),
  handler: (_args, ctx) =>
    ctx.getList(${JSON.stringify(doctype)}, { fields: ['name', 'title'], filters: { done: 0 } }),
})
`,
    'fixtures/role.json': json([{ doctype: 'Role', name: role, role_name: role, desk_access: 1 }]),
    'test/app.test.js': `import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'

// What "bench get-app" or "bench build" has built.
const { default: app } = await import('../dist/hooks.js')
const { openNotes } = await import('../dist/api/notes.js')

test('the app says who it is', () => {
  assert.equal(app.name, ${JSON.stringify(name)})
})

test('its method and its DocType belong together', () => {
  const file = new URL('../doctypes/${snake}/${snake}.json', import.meta.url)
  const doctype = JSON.parse(readFileSync(file, 'utf8'))
  assert.equal(doctype.name, ${JSON.stringify(doctype)})
  assert.equal(openNotes.name, '${name}.open_notes')
})
`,
  }
}
