import { ESLint } from 'eslint'
import path from 'node:path'
import t from 'tap'

const root = path.resolve(import.meta.dirname, '..')
const eslint = new ESLint({ cwd: root })
const WALL = new Set(['no-restricted-imports', '@typescript-eslint/no-restricted-imports'])

/** What lint says about imports when this text stands in that file. */
async function objections(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: path.join(root, file) })
  const broken = result?.messages.find(({ fatal }) => fatal)
  if (broken) throw new Error(`${file}: ${broken.message}`)
  return (result?.messages ?? []).filter(({ ruleId }) => WALL.has(ruleId ?? '')).map(({ message }) => message)
}

const refused: [string, string][] = [
  // desk knows no app.
  ['desk/context.ts', '../hooks.ts'],
  ['desk/context.ts', '../doctypes/chat_room/chat_room.ts'],
  ['desk/site/site.ts', '../../public/f-chat.ts'],
  ['desk/site/site.ts', '../../examples/sales_desk/hooks.ts'],
  ['desk/site/site.ts', 'f-chat'],
  ['desk/site/site.ts', 'f-chat/hooks'],
  ['desk/http/server.ts', '../../realtime/events.ts'],
  ['desk/http/server.ts', '../../doctypes/chat_room/chat_room.ts'],
  ['desk/http/server.ts', '../../api/rooms.ts'],
  ['desk/web/client/desk.ts', 'node:fs'],
  ['desk/web/client/desk.ts', '../../../public/f-chat.ts'],
  ['desk/client/http.ts', 'f-chat'],
  // An app knows desk by its two entries.
  ['hooks.ts', './desk/context.ts'],
  ['hooks.ts', '@f-chat/desk/dist/index.js'],
  ['api/rooms.ts', '../desk/index.ts'],
  ['doctypes/chat_room/chat_room.ts', '../../desk/document/document.ts'],
  ['realtime/presence.ts', '../desk/site/site.ts'],
  ['public/f-chat.ts', '../desk/client/index.ts'],
  ['examples/sales_desk/hooks.ts', '../../desk/index.ts'],
  ['examples/sales_desk/hooks.ts', '../../doctypes/chat_room/chat_room.ts'],
  // hooks → api → doctypes → realtime.
  ['api/rooms.ts', '../hooks.ts'],
  ['api/rooms.ts', '../public/f-chat.ts'],
  ['doctypes/chat_room/chat_room.ts', '../../api/rooms.ts'],
  ['doctypes/chat_room/chat_room.ts', '../../hooks.ts'],
  ['realtime/presence.ts', '../doctypes/chat_room/chat_room.ts'],
  ['realtime/presence.ts', '../api/rooms.ts'],
  ['hooks.ts', './public/f-chat.ts'],
  // What server and browser share takes nothing of either.
  ['markup/parse.ts', '@f-chat/desk/client'],
  ['markup/parse.ts', 'node:fs'],
  ['markup/parse.ts', '../doctypes/text.ts'],
  // Browser code takes no server code.
  ['public/f-chat.ts', '@f-chat/desk'],
  ['public/f-chat.ts', 'node:fs'],
  ['public/f-chat.ts', '../api/rooms.ts'],
  ['public/chat/rooms.ts', '../../doctypes/chat_room/names.ts'],
  ['public/chat/rooms.ts', '../../realtime/events.ts'],
]

t.test('imports through the wall are refused', async (t) => {
  t.setTimeout(120_000)
  for (const [file, specifier] of refused) {
    const said = await objections(file, `import { x } from '${specifier}'\nexport const y = x\n`)
    t.equal(said.length, 1, `${file} ← ${specifier}`)
  }
  t.equal(
    (await objections('desk/site/site.ts', "export * from '../../public/f-chat.ts'\n")).length,
    1,
    're-exports, too',
  )
  t.equal(
    (
      await objections(
        'desk/site/site.ts',
        "import type { X } from '../../doctypes/chat_room/names.ts'\nexport type Y = X\n",
      )
    ).length,
    1,
    'and types',
  )
})

const allowed: [string, string][] = [
  ['desk/context.ts', "import { Site } from './site/site.ts'\nexport const y = Site\n"],
  ['desk/site/site.ts', "import { Hub } from '../realtime/hub.ts'\nexport const y = Hub\n"],
  [
    'desk/doctypes/user/user.ts',
    "import { setPassword } from '../../site/passwords.ts'\nexport const y = setPassword\n",
  ],
  [
    'hooks.ts',
    "import { a } from './doctypes/chat_room/names.ts'\nimport { b } from './realtime/events.ts'\nexport const y = [a, b]\n",
  ],
  ['hooks.ts', "import { defineApp } from '@f-chat/desk'\nexport const y = defineApp\n"],
  [
    'api/rooms.ts',
    "import { a } from '../doctypes/chat_room/names.ts'\nimport { b } from '../realtime/events.ts'\nexport const y = [a, b]\n",
  ],
  [
    'doctypes/chat_room/chat_room.ts',
    "import { b } from '../../realtime/events.ts'\nimport { c } from '../chat_message/unread.ts'\nexport const y = [b, c]\n",
  ],
  ['realtime/presence.ts', "import { defineMethod } from '@f-chat/desk'\nexport const y = defineMethod\n"],
  ['public/f-chat.ts', "import { deskClient } from '@f-chat/desk/client'\nexport const y = deskClient\n"],
  [
    'public/chat/rooms.ts',
    "import type { getRooms } from '../../api/rooms.ts'\nexport type Y = typeof getRooms\n",
  ],
  ['public/chat/rooms.ts', "import type { Static } from '@f-chat/desk'\nexport type Y = Static<never>\n"],
  ['examples/sales_desk/hooks.ts', "import { defineApp } from '@f-chat/desk'\nexport const y = defineApp\n"],
]

t.test('what the house is built of is allowed', async (t) => {
  t.setTimeout(120_000)
  for (const [file, text] of allowed)
    t.same(await objections(file, text), [], `${file}: ${text.split('\n')[0] ?? ''}`)
})
