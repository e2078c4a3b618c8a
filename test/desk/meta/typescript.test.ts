import { check } from 'prettier'
import t from 'tap'
import { fieldtypeNames, findFieldtype } from '../../../desk/meta/fieldtypes.ts'
import { Meta } from '../../../desk/meta/meta.ts'
import { parseDocType } from '../../../desk/meta/parse.ts'
import { renderTypes } from '../../../desk/meta/typescript.ts'
import { docType } from '../../support/doctypes.ts'

const meta = (keys: Record<string, unknown>): Meta => new Meta(parseDocType(docType(keys), 'test'), 'an_app')

const style = { parser: 'typescript', semi: false, singleQuote: true, printWidth: 110 }

t.test('an interface of the document', async (t) => {
  const room = meta({
    name: 'Chat Room',
    fields: [
      { fieldname: 'room_name', fieldtype: 'Data', reqd: 1 },
      { fieldname: 'first', fieldtype: 'Section Break' },
      { fieldname: 'kind', fieldtype: 'Select', options: "Direct Message\nGroup\nTeam's", not_nullable: 1 },
      { fieldname: 'mood', fieldtype: 'Select', options: '\nGood\nBad' },
      { fieldname: 'is_open', fieldtype: 'Check' },
      { fieldname: 'last_seq', fieldtype: 'Int' },
      { fieldname: 'stars', fieldtype: 'Rating' },
      { fieldname: 'at', fieldtype: 'Datetime' },
      { fieldname: '2nd', fieldtype: 'Small Text' },
      { fieldname: 'members', fieldtype: 'Table', options: 'Chat Room Member' },
      { fieldname: 'tags', fieldtype: 'Table MultiSelect', options: 'Foreign Tag' },
    ],
  })
  const text = renderTypes(room, [meta({ name: 'Chat Room Member', istable: 1 })])
  t.equal(
    text,
    `// Generated from chat_room.json by the build: edit that file instead.

import type { ChatRoomMemberFields } from '../chat_room_member/chat_room_member.types.ts'

/** The fields of Chat Room. */
export interface ChatRoomFields {
  room_name: string | null
  kind: 'Direct Message' | 'Group' | "Team's"
  mood: '' | 'Good' | 'Bad' | null
  is_open: 0 | 1
  last_seq: number
  stars: number | null
  at: string | null
  '2nd': string | null
  members: ChatRoomMemberFields[]
  tags: Record<string, unknown>[]
}
`,
  )
})

t.test('as prettier would write it', async (t) => {
  const everything = fieldtypeNames.map((fieldtype, position) => ({
    fieldname: `field_${position}`,
    fieldtype,
    ...(findFieldtype(fieldtype)?.refers && {
      options: findFieldtype(fieldtype)?.refers === 'dynamic' ? 'field_0' : 'Thing',
    }),
  }))
  const choices = Array.from({ length: 12 }, (_, position) => `Choice "${position}" of 'many'`).join('\n')
  const wide = { fieldname: 'wide', fieldtype: 'Select', options: choices }
  const digits = { fieldname: '2nd', fieldtype: 'Select', options: 'back\\slash\n"double"\n\'single\'' }
  for (const fields of [[], [wide], [digits], [...everything, wide]]) {
    const text = renderTypes(meta({ fields }))
    t.ok(await check(text, style), `${fields.length} fields`)
    t.equal(text, renderTypes(meta({ fields })), 'the same each time')
  }
})
