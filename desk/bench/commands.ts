import { appCommands } from './app-commands.ts'
import { backupCommands } from './backup-commands.ts'
import { benchCommands } from './bench-commands.ts'
import type { Command } from './command.ts'
import { consoleCommand } from './console-command.ts'
import { executeCommand } from './execute-command.ts'
import { openApiCommand } from './openapi-command.ts'
import { personalDataCommands } from './personal-data-commands.ts'
import { schedulerCommands } from './scheduler-commands.ts'
import { serveCommands } from './serve-commands.ts'
import { siteCommands } from './site-commands.ts'
import { userCommands } from './user-commands.ts'

/** Every command of the CLI (interfaces.md). */
export const commands: readonly Command[] = [
  ...benchCommands,
  ...siteCommands,
  ...appCommands,
  ...userCommands,
  ...personalDataCommands,
  ...backupCommands,
  ...serveCommands,
  ...schedulerCommands,
  executeCommand,
  openApiCommand,
  consoleCommand,
]
