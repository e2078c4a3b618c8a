/** A shell's part of the completion: it asks `bench __complete` at every Tab. */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# bash completion for bench: source <(bench completion bash)
_bench() {
  local word=\${COMP_WORDS[COMP_CWORD]} answer
  answer=$("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $answer in
    :file) mapfile -t COMPREPLY < <(compgen -f -- "$word") ; compopt -o filenames ;;
    :folder) mapfile -t COMPREPLY < <(compgen -d -- "$word") ; compopt -o filenames ;;
    '') COMPREPLY=() ;;
    *) mapfile -t COMPREPLY <<< "$answer" ;;
  esac
}
complete -F _bench bench
`,
  zsh: `#compdef bench
# zsh completion for bench: source <(bench completion zsh)
_bench() {
  local -a answer
  answer=("\${(@f)$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case $answer[1] in
    :file) _files ;;
    :folder) _files -/ ;;
    *) compadd -- $answer ;;
  esac
}
compdef _bench bench
`,
  fish: `# fish completion for bench: bench completion fish | source
function __bench_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l answer ($words[1] __complete $words[2..] 2>/dev/null)
  switch "$answer[1]"
    case :file :folder
      __fish_complete_path (commandline -ct)
    case '*'
      printf '%s\\n' $answer
  end
end
complete -c bench -f -a '(__bench_complete)'
`,
}
