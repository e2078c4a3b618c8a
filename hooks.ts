import { defineApp, type Context, type Document, type SocketOpening } from '@f-chat/desk'
import { callKeeperOf } from './doctypes/chat_call_session/keeper.ts'
import { leaveWhenDisabled } from './doctypes/chat_call_session/leave-all.ts'
import { mayAccessFile, narrowFiles } from './doctypes/chat_message/file-access.ts'
import { migrateSearch, removeSearch } from './doctypes/chat_message/search-tables.ts'
import { importCommand } from './doctypes/chat_import_map/command.ts'
import {
  mayAccessContent,
  mayAccessRoom,
  narrowCalls,
  narrowMessages,
  narrowRooms,
} from './doctypes/chat_room/membership.ts'
import { userNames } from './doctypes/chat_room/names.ts'
import { activePositions, roomPositions } from './doctypes/chat_room/positions.ts'
import { mayAccessActivity, narrowActivity } from './doctypes/chat_user_activity/own.ts'
import { erasePersonFromChat } from './doctypes/person/erase.ts'
import { exportPersonFromChat } from './doctypes/person/export.ts'
import { leaveChat } from './doctypes/person/remove.ts'
import { followRename, prepareRename } from './doctypes/person/rename.ts'
import { seedDemo } from './doctypes/chat_room/seed.ts'
import { cleanupStaleUsers } from './jobs/cleanup-stale-users.ts'
import { cleanupOldMessages, countRoomStatistics } from './jobs/chat-maintenance.ts'
import { clearRoomFiles } from './jobs/room-files.ts'
import { roomsOfTeams } from './doctypes/chat_room/team-rooms.ts'
import { followAllTeamRooms, followTeamRooms } from './jobs/team-rooms.ts'
import { liveDevicesOf } from './realtime/devices.ts'
import { roomChannel } from './realtime/events.ts'
import { presenceOf } from './realtime/presence.ts'

/** What F-Chat adds to a desk. */
export default defineApp({
  name: 'f_chat',
  title: 'F-Chat',
  app_include_js: ['/assets/f_chat/f-chat.js'],
  has_permission: {
    'Chat Room': mayAccessRoom,
    'Chat Message': mayAccessContent,
    'Chat Call Session': mayAccessContent,
    'Chat User Activity': mayAccessActivity,
    'Chat Upload': () => false,
    File: mayAccessFile,
  },
  permission_query_conditions: {
    'Chat Room': narrowRooms,
    'Chat Message': narrowMessages,
    'Chat Call Session': narrowCalls,
    'Chat User Activity': narrowActivity,
    'Chat Upload': (query) => void query.whereRaw('1 = 0'),
    File: narrowFiles,
  },
  after_migrate: migrateSearch,
  after_uninstall: removeSearch,
  doc_events: {
    User: {
      on_update: [forgetName, leaveWhenDisabled],
      before_rename: prepareRename,
      after_rename: followRename,
      on_trash: leaveChat,
    },
    'Team Master': { on_update: tellTeamRooms },
  },
  scheduler_events: {
    daily: [followAllTeamRooms, cleanupOldMessages, countRoomStatistics],
    cron: { '*/5 * * * *': cleanupStaleUsers, '0 2 * * *': clearRoomFiles },
  },
  socket_open: openRooms,
  socket_close: closeSocket,
  on_start(site) {
    const presence = presenceOf(site)
    const calls = callKeeperOf(site)
    presence.start()
    calls.start()
    return async () => {
      await calls.stop()
      await presence.stop()
    }
  },
  user_data_fields: [{ doctype: 'Chat User Activity', filter_by: 'user' }],
  export_user: exportPersonFromChat,
  erase_user: erasePersonFromChat,
  seed_demo: seedDemo,
  bench_commands: [importCommand],
})

function forgetName(user: Document, ctx: Context): void {
  ctx.afterCommit(() => {
    userNames.forget(ctx.site, user.name)
  })
}

/** In the background, so that a team is saved as fast as ever. */
async function tellTeamRooms(team: Document, ctx: Context): Promise<void> {
  if ((await roomsOfTeams(ctx, team.name)).length === 0) return
  await ctx.enqueue(followTeamRooms, { team: team.name }, { key: `f_chat.team ${team.name}` })
}

/** A member's sockets hear the member's rooms, and learn where each of them stands. */
async function openRooms(ctx: Context): Promise<SocketOpening> {
  liveDevicesOf(ctx.site).opened(ctx)
  const positions = await roomPositions(ctx)
  await presenceOf(ctx.site).opened(ctx)
  return {
    rooms: positions.map(({ name }) => roomChannel(name)),
    ready: { rooms: activePositions(positions) },
  }
}

/** The calls that a device is in wait for it to come back, and so do those who see that its user is there. */
async function closeSocket(ctx: Context): Promise<void> {
  callKeeperOf(ctx.site).closed(ctx)
  await presenceOf(ctx.site).closed(ctx)
}
