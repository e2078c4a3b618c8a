// Generated from chat_call_session.json by the build: edit that file instead.

import type { ChatCallParticipantFields } from '../chat_call_participant/chat_call_participant.types.ts'

/** The fields of Chat Call Session. */
export interface ChatCallSessionFields {
  chat_room: string | null
  call_type: 'Audio' | 'Video' | null
  call_status: 'Initiated' | 'Ringing' | 'Connected' | 'Ended' | 'Failed' | 'Rejected' | 'Missed' | null
  initiated_by: string | null
  start_time: string | null
  end_time: string | null
  participants: ChatCallParticipantFields[]
  session_id: string | null
  ice_servers_config: string | null
  total_duration: number
  recording_url: string | null
  is_recorded: 0 | 1
  active_room: string | null
  next_deadline: string | null
  running_state: string | null
}
