# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion of hvic(1) for bash.

_hvic_keys()
{
	local key
	while IFS= read -r key; do
		[[ $key != "$2"* ]] || COMPREPLY+=("$(printf %q "$key")")
	done < <(hvic kvp list ${1:+"$1"} 2>/dev/null | sed 's/^[^ ]* *//; s/ = .*//')
}

_hvic()
{
	local current=${COMP_WORDS[COMP_CWORD]} word command=() position
	COMPREPLY=()
	for ((position = 1; position < COMP_CWORD; position++)); do
		word=${COMP_WORDS[position]}
		case $word in
		--config | --pool | --hold | -n) ((position++)) ;;
		-*) ;;
		*) command+=("$word") ;;
		esac
	done
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--config)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--pool)
		mapfile -t COMPREPLY < <(compgen -W 'external guest host' -- "$current")
		return
		;;
	esac
	if [[ $current == -* && ${command[*]} == 'copy status' ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--help --json -n' -- "$current")
		return
	fi
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--help --json --config --pool --hold' -- "$current")
		return
	fi
	case "${#command[@]} ${command[*]}" in
	'0 ') mapfile -t COMPREPLY < <(compgen -W 'copy kvp vss' -- "$current") ;;
	'1 copy') mapfile -t COMPREPLY < <(compgen -W status -- "$current") ;;
	'1 kvp') mapfile -t COMPREPLY < <(compgen -W 'list get set delete watch' -- "$current") ;;
	'1 vss') mapfile -t COMPREPLY < <(compgen -W 'status plan test' -- "$current") ;;
	'2 kvp list' | '2 kvp watch') mapfile -t COMPREPLY < <(compgen -W 'external guest host' -- "$current") ;;
	'2 kvp get') _hvic_keys '' "$current" ;;
	'2 kvp set' | '2 kvp delete') _hvic_keys guest "$current" ;;
	esac
}

complete -F _hvic hvic
