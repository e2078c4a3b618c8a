import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import type { Body, TestSocket } from '../../support/server.ts'
import { ANN, BEN, CLEO, OUTSIDER } from '../../support/site.ts'
import { overSocket, roads, wireSite } from '../../support/wire.ts'

await eachDatabase(t, 'membership on live sockets', async (t, db) => {
  const wire = await wireSite(t, db)
  const { site } = wire
  const room = await wire.room(ANN, [BEN])
  const [ann, ben, cleo, phone] = await Promise.all([ANN, BEN, CLEO, CLEO].map((user) => wire.page(user)))
  if (!ann || !ben || !cleo || !phone) throw new Error('four sockets')

  const ofRoom = (socket: TestSocket): Body[] =>
    socket.frames.filter((frame) => frame.room === `chat_room_${room}` && frame.message?.change_seq)
  let settled = 0
  /** Everything that was sent until now has arrived. */
  const settle = async (...sockets: TestSocket[]): Promise<void> => {
    await site.asAdministrator((ctx) => {
      ctx.publish('settled', null, { room: 'website' })
      return Promise.resolve()
    })
    const wanted = ++settled
    const seen = (socket: TestSocket) => socket.frames.filter(({ event }) => event === 'settled').length
    await Promise.all(sockets.map((socket) => socket.frame(() => seen(socket) >= wanted)))
  }
  const manage = (method: string, args: object) =>
    overSocket(ann, `f_chat.${method}`, { room_id: room, user_id: CLEO, ...args })

  await t.test(
    'who joins hears the next message on every socket; who is removed hears nothing more',
    async (t) => {
      for (let round = 0; round < 3; round++) {
        const mark = ofRoom(cleo).length
        t.equal((await manage('add_room_member', {})).status, 200)
        t.equal((await wire.send(BEN, room, `welcome ${String(round)}`)).room_id, room)
        for (const socket of [cleo, phone])
          await socket.frame(({ message }) => message?.content === `welcome ${String(round)}`)
        t.equal((await manage('remove_room_member', {})).status, 200)
        for (const socket of [cleo, phone]) {
          await socket.frame(
            () => socket.frames.filter(({ event }) => event === 'chat_room_left').length > round,
          )
        }
        const { status } = await overSocket(ben, 'f_chat.send_message', {
          room_id: room,
          message_content: 'alone',
        })
        t.equal(status, 200)
        await settle(ann, ben, cleo, phone)
        const heard = ofRoom(cleo).slice(mark)
        t.same(
          heard.map(({ event, message }) => message.action ?? event),
          ['added', 'chat_new_message'],
        )
        t.equal((await overSocket(cleo, 'f_chat.get_room_details', { room_id: room })).status, 404)
        t.notOk(room in (await overSocket(cleo, 'f_chat.heartbeat', {})).message.rooms)
      }
    },
  )

  await t.test(
    'under fire: no gap for who stays, nothing beyond their time for who comes and goes',
    async (t) => {
      const senders = [ann, ben]
      const stop = { now: false }
      const firing = senders.map(async (socket) => {
        const answers: number[] = []
        while (!stop.now) {
          const answer = await overSocket(socket, 'f_chat.send_message', {
            room_id: room,
            message_content: 'x',
          })
          answers.push(answer.status)
        }
        return answers
      })
      const since = ofRoom(ben).at(-1).message.change_seq as number
      const mark = ofRoom(cleo).length
      const spans: { from: number; to: number }[] = []
      for (let round = 0; round < 12; round++) {
        t.equal((await manage('add_room_member', {})).status, 200)
        t.equal((await manage('remove_room_member', {})).status, 200)
      }
      stop.now = true
      const answers = (await Promise.all(firing)).flat()
      t.ok(
        answers.length > 20 && answers.every((status) => status === 200),
        `${String(answers.length)} messages`,
      )
      await settle(ann, ben, cleo)
      const heard = ofRoom(ben).filter(({ message }) => message.change_seq > since)
      t.same(
        heard.map(({ message }) => message.change_seq as number),
        Array.from({ length: answers.length + 24 }, (_, i) => since + 1 + i),
        'every change once, in order',
      )
      for (const { message } of heard) {
        if (message.action === 'added') spans.push({ from: message.change_seq, to: Infinity })
        const last = spans.at(-1)
        if (message.action === 'removed' && last) last.to = message.change_seq
      }
      const expected = heard
        .map(({ message }) => message.change_seq as number)
        .filter((seq) => spans.some(({ from, to }) => seq >= from && seq < to))
      t.same(
        ofRoom(cleo)
          .slice(mark)
          .map(({ message }) => message.change_seq as number),
        expected,
        'from the moment of joining to the moment of leaving, and not one longer',
      )
    },
  )

  await t.test('a room that is deleted falls silent', async (t) => {
    await overSocket(ann, 'f_chat.update_room_settings', {
      room_id: room,
      settings: { room_status: 'Deleted' },
    })
    const event = await ben.frame(({ message }) => message?.action === 'deleted')
    t.equal(event.event, 'chat_room_updated')
    await site.asAdministrator((ctx) => {
      ctx.publish('after_the_end', {}, { room: `chat_room_${room}` })
      return Promise.resolve()
    })
    await settle(ann, ben)
    t.notOk([ann, ben].some((socket) => socket.frames.some(({ event }) => event === 'after_the_end')))
    t.notOk(room in (await (await wire.page(BEN)).event('ready')).message.rooms)
    for (const road of ['json', 'form'] as const) {
      const answer = await roads[road](await wire.browser(BEN), 'f_chat.send_message', {
        ...{ room_id: room, message_content: 'x' },
      })
      t.equal(answer.status, 404)
    }
  })

  await t.test(
    'a Direct Message that comes back is heard at once, with the message that brought it',
    async (t) => {
      const olaf = await wire.page(OUTSIDER)
      const { message } = await overSocket(ben, 'f_chat.create_chat_room', {
        ...{ room_type: 'Direct Message', members: [OUTSIDER] },
      })
      const direct = message.data.room_id as string
      await overSocket(olaf, 'f_chat.remove_room_member', { room_id: direct, user_id: OUTSIDER })
      await overSocket(ben, 'f_chat.send_message', { room_id: direct, message_content: 'back?' })
      const joined = await olaf.event('chat_room_joined')
      t.match(joined.message, { room_id: direct, room_name: 'Ben', role: 'Member' })
      const heard = await olaf.frame((frame) => frame.message?.content === 'back?')
      t.equal(heard.message.change_seq, Number(joined.message.change_seq) + 1)
    },
  )
})
