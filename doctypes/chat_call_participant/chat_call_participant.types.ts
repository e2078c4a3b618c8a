// Generated from chat_call_participant.json by the build: edit that file instead.

/** The fields of Chat Call Participant. */
export interface ChatCallParticipantFields {
  user: string | null
  status: 'Invited' | 'Ringing' | 'Joined' | 'Left' | 'Rejected' | null
  joined_time: string | null
  left_time: string | null
  duration: number
}
