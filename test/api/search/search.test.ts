import tap from 'tap'
import { getGlobalChatSearch, searchMessages } from '../../../api/search.ts'
import { eachDatabase } from '../../support/databases.ts'
import { ANN, BEN, chatSite, refusal } from '../../support/site.ts'
import { CASES, WORDLESS } from './cases.ts'

/** What a term finds, in the order of sending. */
await eachDatabase(tap, 'what is found', async (t, db) => {
  const chat = await chatSite(t, db)
  const found = async (room: string, term: string): Promise<(string | null)[]> => {
    const { messages } = await chat.call(ANN, searchMessages, { room_id: room, search_term: term })
    return messages.map(({ message_content }) => message_content).reverse()
  }
  for (const { about, texts, finds } of CASES) {
    await t.test(about, async (t) => {
      const room = await chat.room(ANN, [BEN])
      for (const text of texts) await chat.send(ANN, room, text)
      for (const [term, places] of Object.entries(finds)) {
        if (WORDLESS.includes(term)) continue
        t.same(
          await found(room, term),
          places.map((place) => texts[place]),
          term,
        )
      }
    })
  }

  await t.test('a term without a word is refused', async (t) => {
    const room = await chat.room(ANN)
    for (const search_term of WORDLESS) {
      await t.rejects(
        chat.call(ANN, searchMessages, { room_id: room, search_term }),
        refusal(417),
        search_term,
      )
      await t.rejects(chat.call(ANN, getGlobalChatSearch, { search_term }), refusal(417), search_term)
    }
  })
})
