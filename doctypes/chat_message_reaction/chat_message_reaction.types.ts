// Generated from chat_message_reaction.json by the build: edit that file instead.

/** The fields of Chat Message Reaction. */
export interface ChatMessageReactionFields {
  user: string | null
  reaction_emoji: string | null
  timestamp: string | null
}
