const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}]/u

/** Whether a text shows nothing: empty, or made of spaces, controls and characters without a shape. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text)
}
