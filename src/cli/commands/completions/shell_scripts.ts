import type { Shell } from "./shells.ts";

/** The first words of the scripts, which identify them as ours. */
export const MARK = "completions of tdauth, made by `tdauth completions";

/**
 * The completions for a shell, one file each. They hold no grammar of their own,
 * so that they are never out of date: at a Tab they ask `tdauth complete`, which
 * answers in 50 ms, with the words as they are typed. Nothing that is typed is
 * evaluated: Tab after `$(rm file)` must remove no file.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# ${MARK} bash\`
# Needs nothing but bash; uses bash-completion, where it is loaded, for the
# arguments of the command after "tdauth exec --".

_tdauth() {
  # The words as typed up to the cursor: bash has cut them at = and :, too.
  local rest=\${COMP_LINE:0:COMP_POINT} piece= i
  local -a words=() starts=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $i -eq 0 || $rest == [[:space:]]* ]]; then
      rest=\${rest#"\${rest%%[![:space:]]*}"}
      words+=("")
      starts+=("$i")
    fi
    piece=\${COMP_WORDS[i]}
    [[ $i -eq $COMP_CWORD ]] && piece=$rest
    words[\${#words[@]}-1]+=$piece
    rest=\${rest#"$piece"}
  done
  local last=$((\${#words[@]} - 1))
  local current=\${words[last]} before=\${words[last-1]}
  COMPREPLY=()
  if [[ $current == [\\<\\>]* || $before == *[\\<\\>] ]]; then
    compopt -o default 2>/dev/null # a redirection
    return
  fi

  local value description more=
  local -a values=() descriptions=()
  while IFS=$'\\t' read -r value description; do
    if [[ $value == :* ]]; then
      more=\${value#:}
    elif [[ $value == "\${current#[\\'\\"]}"* ]]; then
      values+=("$value")
      descriptions+=("$description")
    fi
  done < <(tdauth complete -- "\${words[@]:1}" 2>/dev/null </dev/null)

  case $more in
  files) compopt -o default 2>/dev/null ;;
  directories) compopt -o dirnames 2>/dev/null ;;
  command*)
    local at=\${more#command }
    if declare -F _comp_command_offset >/dev/null; then
      _comp_command_offset "\${starts[at]}"
    elif declare -F _command_offset >/dev/null; then
      _command_offset "\${starts[at]}"
    elif [[ $at -eq $last ]]; then
      COMPREPLY=($(compgen -c -- "$current"))
    else
      compopt -o default 2>/dev/null
    fi
    return
    ;;
  esac

  # Bash replaces only what stands after the last = or :.
  piece=\${COMP_WORDS[COMP_CWORD]}
  [[ $piece == [=:] ]] && piece=
  local head=
  [[ $current == *[=:]* && $current != "$piece" ]] && head=\${current%"$piece"}
  # Descriptions when bash lists the words and takes none.
  local width=0 columns=\${COLUMNS:-80}
  for value in "\${values[@]}"; do
    ((\${#value} > width)) && width=\${#value}
  done
  for ((i = 0; i < \${#values[@]}; i++)); do
    value=\${values[i]#"$head"}
    if [[ \${COMP_TYPE:-9} -ne 9 && \${COMP_TYPE:-9} -ne 37 && -n \${descriptions[i]} && \${#values[@]} -gt 1 ]]; then
      printf -v value '%-*s  %s' "$width" "$value" "\${descriptions[i]}"
      value=\${value:0:columns-1}
    fi
    COMPREPLY+=("$value")
  done
}

complete -o nosort -F _tdauth tdauth 2>/dev/null || complete -F _tdauth tdauth
`,

  zsh: `#compdef tdauth
# ${MARK} zsh\`

_tdauth() {
  emulate -L zsh
  setopt extended_glob
  local line more value prefix
  local -a lines candidates
  lines=("\${(@f)$(tdauth complete -- "\${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null </dev/null)}")
  more=\${lines[-1]#:}
  for line in "\${(@)lines[1,-2]}"; do
    value=\${line%%$'\\t'*}
    candidates+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#candidates )) && _describe -V 'tdauth' candidates
  case $more in
    files | directories)
      [[ $PREFIX == --*=* ]] && compset -P '*='
      if [[ $more == files ]]; then _files; else _files -/; fi
      ;;
    command*)
      local at=\${more#command }
      words=("\${(@)words[at+1,-1]}")
      (( CURRENT -= at ))
      _normal
      ;;
  esac
}

if [[ \${funcstack[1]} == _tdauth ]]; then
  _tdauth "$@" # zsh has loaded this file as the function
elif (( $+functions[compdef] )); then
  compdef _tdauth tdauth
else
  print -u2 'tdauth: the completions need "autoload -Uz compinit && compinit" before them'
fi
`,

  fish: `# ${MARK} fish\`

function __tdauth_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l typed $words
    set -e typed[1]
    set -l lines (command tdauth complete -- $typed "$current" 2>/dev/null </dev/null)
    test (count $lines) -gt 0; or return
    set -l more $lines[-1]
    set -e lines[-1]
    test (count $lines) -gt 0; and printf '%s\\n' $lines
    switch $more
        case :files :directories
            set -l prefix (string match -r -- '^--[^=]*=' $current)
            set -l path (string replace -r -- '^--[^=]*=' '' $current)
            # The arguments of a command that fish does not know are files.
            set -l found (complete -C "__tdauth_unknown $path")
            if test $more = :directories
                set found (string match -r -- '^[^\\t]*/(?:\\t.*)?$' $found)
            end
            test (count $found) -gt 0; and printf '%s\\n' "$prefix"$found
        case ':command *'
            set -l at (math (string replace ':command ' '' $more) + 1)
            set -l inner
            test $at -le (count $words); and set inner (string escape -- $words[$at..-1])
            complete -C (string join ' ' -- $inner "$current")
    end
end

complete -c tdauth -f -k -a '(__tdauth_complete)'
`,
};
