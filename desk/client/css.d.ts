/** Stylesheets are bundled as text (`--loader:.css=text`) and adopted, never linked from a component. */
declare module '*.css' {
  const text: string
  export default text
}
