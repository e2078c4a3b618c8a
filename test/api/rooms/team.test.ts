import t, { type Test } from 'tap'
import {
  getRoomDetails,
  addRoomMember,
  muteUnmuteMember,
  removeRoomMember,
  updateMemberRole,
} from '../../../api/members.ts'
import { updateRoomSettings } from '../../../api/room-settings.ts'
import { createChatRoom, getUserChatRooms } from '../../../api/rooms.ts'
import { getTeamChatRooms, joinTeamRoomMethod } from '../../../api/team-rooms.ts'
import { getUserChatStatus } from '../../../api/unread.ts'
import { createDatabase } from '../../../desk/db/index.ts'
import type { TypedMethod } from '../../../desk/method.ts'
import type { Site } from '../../../desk/site/site.ts'
import { followTeam, roomsOfTeams } from '../../../doctypes/chat_room/team-rooms.ts'
import { eachDatabase, type TestDatabase } from '../../support/databases.ts'
import { QUICK, until } from '../../support/jobs.ts'
import { ANN, BEN, CLEO, makeSite, OUTSIDER, refusal } from '../../support/site.ts'

const DORA = 'dora@test.example'

/** A site of the trading house, where Ann and Ben are in the team Logistics. */
async function tradingHouse(t: Test, db: TestDatabase): Promise<Site> {
  const database = createDatabase({ pool_size: 8, ...(await db.config()) })
  const config = { jobs: QUICK }
  const site = await makeSite(database, ['.', 'examples/sales_desk'], undefined, { config })
  t.teardown(() => site.close())
  await site.asAdministrator(async (ctx) => {
    for (const email of [ANN, BEN, CLEO, OUTSIDER, DORA]) {
      const first_name = email.split('@')[0]
      const roles = [{ role: 'Chat User' }, ...(email === CLEO ? [{ role: 'Sales User' }] : [])]
      await ctx.insert('User', { email, first_name, roles })
      const employee_name = first_name
      await ctx.insert('Employee', {
        employee_name,
        user_id: email,
        designation: 'Driver',
        department: 'Warehouse',
      })
    }
    await ctx.insert('Employee', { employee_name: 'No login' })
  })
  await team(site, 'Logistics', [ANN, BEN])
  return site
}

async function team(site: Site, name: string, users: readonly string[]): Promise<void> {
  await site.asAdministrator(async (ctx) => {
    const employees = await ctx.getAll('Employee', { fields: ['name', 'user_id'] })
    const members = employees
      .filter(({ user_id }) => user_id === null || users.some((user) => user === user_id))
      .map(({ name }) => ({ employee: name }))
    if (!(await ctx.exists('Team Master', name))) {
      await ctx.insert('Team Master', { team_name: name, members })
      return
    }
    const doc = await ctx.getDoc('Team Master', name)
    doc.set('members', [])
    for (const member of members) doc.append('members', member)
    await doc.save()
  })
}

type DataOf<Output> = Output extends { data: infer Data } ? Data : Output

await eachDatabase(t, 'a Team Chat', async (t, db) => {
  const site = await tradingHouse(t, db)
  const call = async <Args, Output>(
    user: string,
    method: TypedMethod<Args, Output>,
    args: Record<string, unknown> = {},
  ): Promise<DataOf<Output>> =>
    ((await site.call(method.name, args, { user })) as { data: DataOf<Output> }).data
  const create = async (user: string, args: object = {}): Promise<string> =>
    (
      await call(user, createChatRoom, {
        ...{ room_name: 'Logistics', room_type: 'Team Chat', team_master: 'Logistics', ...args },
      })
    ).room_id
  const members = async (room: string): Promise<Record<string, string>> => {
    const rows = await site.database
      .reader('tabChat Room Member')
      .where({ parent: room })
      .orderBy('idx')
      .select<{ user: string; role: string; via_team: number }[]>('user', 'role', 'via_team')
    return Object.fromEntries(
      rows.map(({ user, role, via_team }) => [user, via_team ? `${role} by team` : role]),
    )
  }
  const follow = (room: string) => site.write({ user: 'Administrator' }, (ctx) => followTeam(ctx, room))
  let room = ''

  await t.test('begins with its team', async (t) => {
    room = await create(ANN, { members: [CLEO] })
    t.same(await members(room), { [ANN]: 'Admin', [CLEO]: 'Member', [BEN]: 'Member by team' })
    const { room: details } = await call(BEN, getRoomDetails, { room_id: room })
    t.equal(details.team_master, 'Logistics')
    t.match(details.members[0], { employee_info: { designation: 'Driver', department: 'Warehouse' } })
  })

  await t.test('is made by the team, and by who may read it; else the team is not there', async (t) => {
    await create(CLEO)
    const outside = await call(OUTSIDER, createChatRoom, {
      ...{ room_name: 'x', room_type: 'Team Chat', team_master: 'Logistics' },
    }).catch((error: unknown) => error)
    const nowhere = await call(OUTSIDER, createChatRoom, {
      ...{ room_name: 'x', room_type: 'Team Chat', team_master: 'Nowhere' },
    }).catch((error: unknown) => error)
    t.match(outside, { status: 417, message: 'Could not find Team Master: Logistics.' })
    t.match(nowhere, { status: 417, message: 'Could not find Team Master: Nowhere.' })
    await t.rejects(create(ANN, { team_master: 'logistics' }), refusal(417), 'by its own name')
    await t.rejects(create(ANN, { room_type: 'Group Chat' }), refusal(417, /only a Team Chat/))
  })

  await t.test('is offered to its team, whose members join it, and to nobody else', async (t) => {
    await team(site, 'Logistics', [ANN, BEN, DORA])
    const listed = async (user: string) => (await call(user, getTeamChatRooms)).rooms
    t.match(
      (await listed(DORA))
        .map(({ name, is_member, member_count }) => [name, is_member, member_count])
        .toSorted()[0],
      [room, false, 3],
    )
    t.match(
      (await listed(CLEO)).map(({ is_member }) => is_member),
      [true, true],
    )
    t.same(await listed(OUTSIDER), [])
    await t.rejects(call(OUTSIDER, joinTeamRoomMethod, { room_id: room }), refusal(404))
    await t.rejects(call(DORA, getRoomDetails, { room_id: room }), refusal(404))
    t.match(await call(DORA, joinTeamRoomMethod, { room_id: room }), { role: 'Member', member_count: 4 })
    t.match(await call(DORA, joinTeamRoomMethod, { room_id: room }), { member_count: 4 }, 'again')
    t.match((await members(room))[DORA], 'Member by team')
    const direct = await call(ANN, createChatRoom, { room_name: 'g', room_type: 'Group Chat' })
    await t.rejects(call(DORA, joinTeamRoomMethod, { room_id: direct.room_id }), refusal(404))
  })

  await t.test('follows its team, and keeps roles, mutes and read marks', async (t) => {
    await call(ANN, updateMemberRole, { room_id: room, user_id: DORA, new_role: 'Moderator' })
    await call(ANN, muteUnmuteMember, { room_id: room, user_id: BEN, is_muted: 1 })
    await site.call('f_chat.send_message', { room_id: room, message_content: 'x' }, { user: ANN })
    const before = await site.database
      .reader('tabChat Room Member')
      .where({ parent: room, user: BEN })
      .first('*')
    await team(site, 'Logistics', [BEN, OUTSIDER])
    await follow(room)
    t.same(await members(room), {
      ...{ [ANN]: 'Admin', [CLEO]: 'Member', [BEN]: 'Member by team', [OUTSIDER]: 'Member by team' },
    })
    const after = await site.database
      .reader('tabChat Room Member')
      .where({ parent: room, user: BEN })
      .first('*')
    t.same(after, before, 'Ben’s row is the same')
    t.equal((await call(OUTSIDER, getUserChatStatus)).total_unread, 0)
    const rows = await site.database
      .reader('tabChat Room Member')
      .where({ parent: room })
      .orderBy('idx')
      .pluck<number[]>('idx')
    t.same(rows, [1, 2, 3, 4])
  })

  await t.test('does not bring back who has left it', async (t) => {
    await call(OUTSIDER, removeRoomMember, { room_id: room, user_id: OUTSIDER })
    await follow(room)
    t.notOk((await members(room))[OUTSIDER])
    t.match(
      (await call(OUTSIDER, getTeamChatRooms)).rooms.filter(({ name }) => name === room),
      [{ is_member: false }],
    )
    await call(OUTSIDER, joinTeamRoomMethod, { room_id: room })
    await call(OUTSIDER, removeRoomMember, { room_id: room, user_id: OUTSIDER })
    await call(ANN, addRoomMember, { room_id: room, user_id: OUTSIDER })
    t.equal((await members(room))[OUTSIDER], 'Member', 'brought back by hand, they stay')
  })

  await t.test(
    'a team that is not known changes nothing, nor does one of a room of another kind',
    async (t) => {
      const now = await members(room)
      await site.asAdministrator((ctx) =>
        ctx.db('tabChat Room').where({ name: room }).update({ team_master: 'Gone' }),
      )
      await follow(room)
      t.same(await members(room), now)
      await site.asAdministrator((ctx) =>
        ctx.db('tabChat Room').where({ name: room }).update({ team_master: 'Logistics' }),
      )
      await call(ANN, updateRoomSettings, { room_id: room, settings: { room_type: 'Group Chat' } })
      await team(site, 'Logistics', [])
      await follow(room)
      t.same(Object.keys(await members(room)), Object.keys(now))
      t.notOk(JSON.stringify(await members(room)).includes('by team'))
    },
  )

  await t.test('a team that is saved moves its rooms in the background', async (t) => {
    await team(site, 'Night shift', [DORA])
    const night = await create(DORA, { room_name: 'Night', team_master: 'Night shift' })
    t.same(await site.read({ user: ANN }, (ctx) => roomsOfTeams(ctx, 'Night shift')), [night])
    site.start()
    await team(site, 'Night shift', [DORA, BEN])
    await until(async () => (await members(night))[BEN], { what: 'Ben to be brought in' })
    t.match((await call(BEN, getUserChatRooms)).rooms, [{ name: night }], 'who is now in it')
  })

  await t.test('the list costs the same, however many teams and rooms there are', async (t) => {
    const costs = async (): Promise<number> => {
      const sent: string[] = []
      const stop = site.database.onQuery((sql) => sent.push(sql))
      await call(ANN, getTeamChatRooms)
      stop()
      return sent.filter((sql) => /Chat Room|Team M|tabEmployee/.test(sql)).length
    }
    const before = await costs()
    t.equal(before, 3)
    for (let i = 0; i < 12; i++) {
      const name = `Team ${String(i)}`
      await team(site, name, [ANN, BEN])
      await create(i % 2 ? ANN : BEN, { room_name: name, team_master: name })
    }
    t.equal(await costs(), before)
    t.ok((await call(ANN, getTeamChatRooms)).rooms.length >= 12)
  })
})

await eachDatabase(t, 'teams of an app', async (t, db) => {
  const site = await tradingHouse(t, db)
  const app = site.registry.apps.find(({ definition }) => definition.name === 'sales_desk')
  if (!app) throw new Error('no sales_desk')
  app.definition.chat_team_members = (name) =>
    Promise.resolve(name === 'Depot 7' ? [ANN, 'Ben@test.example', 'no@x'] : undefined)
  t.teardown(() => delete app.definition.chat_team_members)
  const make = async (team_master: string) =>
    (await site.call(
      createChatRoom.name,
      { room_name: 'Depot', room_type: 'Team Chat', team_master },
      { user: ANN },
    )) as { data: { room_id: string } }
  const { room_id } = (await make('Depot 7')).data
  const users = () =>
    site.database.reader('tabChat Room Member').where({ parent: room_id }).orderBy('idx').pluck('user')
  t.same(await users(), [ANN, BEN], 'its hook says who is in them')
  await t.rejects(make('Depot 8'), refusal(417, /Depot 8/))
  t.ok((await make('Logistics')).data.room_id, 'and the others are asked of Team Master')
})
